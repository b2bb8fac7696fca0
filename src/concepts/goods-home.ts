import type { Kind } from './kinds.js';

/** Names of goods for the home, by kind. See goods.ts. */
export const HOME_GOODS: Readonly<Partial<Record<Kind, string>>> = {
  furniture: `
    media unit, tv bench, dry erase board, notice board, parasol base, curtain rod, curtain pole, picnic bench,
    porch swing, swing seat, wine bar, drinks cabinet, linen cabinet, storage unit, wall unit, cube unit, bar,
    chair, office chair, desk chair, gaming chair, armchair, recliner, rocker, rocking chair, dining chair, folding
    chair, lounge chair, deck chair, accent chair, chaise, chaise longue, chaise lounge, stool, bar stool, barstool,
    footstool, step stool, ottoman, pouf, pouffe, bench, sofa, couch, sofa bed, loveseat, love seat, sectional,
    settee, futon, daybed, day bed, bed, bed frame, bunk bed, loft bed, headboard, mattress, air mattress, crib
    mattress, box spring, desk, standing desk, workstation, table, coffee table, side table, end table, console
    table, dining table, picnic table, dressing table, bedside table, nightstand, night stand, nest of tables,
    dresser, chest of drawers, drawers, wardrobe, armoire, closet, cabinet, filing cabinet, file cabinet, sideboard,
    buffet, credenza, hutch, cupboard, bookcase, bookshelf, shelf, floating shelf, wall shelf, shelving unit,
    shelving, tv stand, tv unit, tv cabinet, media console, entertainment center, entertainment unit, room divider,
    folding screen, coat rack, coat stand, hat stand, hall tree, shoe rack, shoe cabinet, clothes rack, garment
    rack, clothes rail, magazine rack, plant stand, bean bag, beanbag, bean bag chair, hammock, hammock chair,
    vanity, vanity table, kitchen island, kitchen cart, bar cart, trolley, serving trolley, high chair, highchair,
    changing table, crib, cot, cradle, bassinet, toy chest, blanket chest, storage bench, garden bench, patio set,
    sun lounger, lounger, mirror, wall mirror, full-length mirror, easel, whiteboard, cork board, bulletin board,
    pegboard, lectern, podium, chair cushion frame, hat rack, umbrella stand, luggage rack, wine cabinet`,
  lamp: `
    lamp, desk lamp, table lamp, floor lamp, reading lamp, bedside lamp, standard lamp, lava lamp, salt lamp,
    sconce, wall sconce, wall light, ceiling light, ceiling lamp, pendant, pendant light, pendant lamp, downlight,
    spotlight, floodlight, flood light, string lights, fairy lights, rope light, led strip, light strip, strip
    light, light bulb, lightbulb, bulb, led bulb, tube light, night light, nightlight, chandelier, lampshade, lamp
    shade, torch, flashlight, headlamp, head torch, work light, book light, ring light, grow light, solar light,
    path light, track light, light fixture, luminaire`,
  candle: `
    tea light holder, tealight holder, candle jar, candle, tealight, tea light, votive, scented candle, lantern, oil
    lamp, candlestick, candle holder, candelabra, candelabrum, wax melt, incense burner`,
  'kitchen appliance': `
    toaster, toaster oven, blender, hand blender, immersion blender, stick blender, mixer, stand mixer, hand mixer,
    food processor, chopper, juicer, coffee maker, coffee machine, coffeemaker, espresso machine, espresso maker,
    coffee grinder, kettle, electric kettle, tea maker, microwave, microwave oven, air fryer, deep fryer, fryer,
    slow cooker, pressure cooker, rice cooker, multicooker, multi-cooker, cooker, instant pot, crock pot, steamer,
    egg cooker, egg boiler, waffle maker, waffle iron, pancake maker, sandwich maker, sandwich toaster, panini
    press, bread maker, bread machine, ice cream maker, ice-cream maker, popcorn maker, popcorn machine, popcorn
    popper, yogurt maker, yoghurt maker, hot plate, hotplate, griddle, electric grill, induction hob, food
    dehydrator, dehydrator, milk frother, frother, water filter pitcher, soda maker, sous vide, mini fridge, ice
    maker, kitchen scale, kitchen scales, vacuum sealer, can crusher, electric skillet, raclette, fondue set, donut
    maker, pasta maker, hot dog roller, spiralizer machine`,
  appliance: `
    refrigerator, fridge, freezer, fridge freezer, chest freezer, dishwasher, washing machine, washer dryer, tumble
    dryer, dryer, clothes dryer, oven, stove, range, cooktop, hob, range hood, cooker hood, extractor hood, wine
    cooler, wine fridge, water heater, boiler, radiator, wood stove, fireplace, electric fireplace, vending machine,
    garbage disposal, trash compactor`,
  'household appliance': `
    carpet shampooer, shampooer, floor polisher, air con, air con unit, fabric shaver, lint shaver, dehumidifier
    unit, paraffin heater, panel heater, white noise machine, vacuum, vacuum cleaner, hoover, robot vacuum, stick
    vacuum, handheld vacuum, steam mop, carpet cleaner, carpet washer, humidifier, dehumidifier, air purifier,
    purifier, fan, desk fan, tower fan, ceiling fan, pedestal fan, box fan, heater, space heater, fan heater, oil
    radiator, air conditioner, air cooler, iron, steam iron, garment steamer, clothes steamer, sewing machine,
    overlocker, serger, water cooler, water dispenser, electric blanket, heated blanket, heating pad, bug zapper,
    diffuser, aroma diffuser, oil diffuser, essential oil diffuser, air freshener, pressure washer, hair dryer,
    hairdryer, hair drier, blow dryer, hair straightener, flat iron, curling iron, curling wand, hair curler,
    trouser press`,
  kitchenware: `
    splatter screen, egg ring, coupe glass, champagne coupe, salt pig, knife roll, roasting rack, food tub, napkin
    rings, chafing dish, casserole pot, wine decanter, ice cube mold, spoon rest, oil bottle, tea cup, bread knife,
    spinner=kitchen, pan, frying pan, skillet, saucepan, saute pan, wok, pot, stockpot, stock pot, dutch oven,
    casserole dish, casserole, roasting pan, roasting tin, baking sheet, baking tray, baking pan, baking dish, loaf
    pan, loaf tin, muffin tin, muffin tray, muffin pan, cake tin, cake pan, springform pan, pie dish, cookie sheet,
    cooling rack, wire rack, ramekin, pizza stone, pizza pan, pizza cutter, pizza wheel, pizza peel, griddle pan,
    grill pan, tagine, steamer basket, colander, strainer, sieve, sifter, whisk, spatula, fish slice, turner, ladle,
    skimmer, slotted spoon, wooden spoon, serving spoon, tongs, kitchen tongs, salad tongs, grater, cheese grater,
    zester, microplane, peeler, potato peeler, vegetable peeler, corer, apple corer, mandoline, mezzaluna, slicer, egg slicer,
    spiralizer, salad spinner, garlic press, garlic crusher, potato masher, masher, ricer, potato ricer, nutcracker,
    meat tenderizer, rolling pin, pastry brush, basting brush, baster, turkey baster, cookie cutter, biscuit cutter,
    piping bag, pastry bag, measuring cup, measuring jug, measuring spoon, mixing bowl, salad bowl, bowl, cereal
    bowl, soup bowl, serving bowl, punch bowl, plate, dinner plate, side plate, serving plate, platter, serving
    platter, dinnerware, dinner set, tableware, crockery, dish, butter dish, soap-free dish, gravy boat, saucer,
    cup, teacup, mug, coffee mug, travel mug, beer mug, espresso cup, tumbler, thermal mug, highball glass, wine
    glass, wineglass, champagne flute, champagne glass, cocktail glass, martini glass, shot glass, whiskey glass,
    beer glass, pint glass, goblet, stemware, glassware, drinking glass, carafe, decanter, pitcher, jug, water jug,
    teapot, coffee pot, coffeepot, french press, cafetiere, cafetière, moka pot, percolator, pour over, coffee
    dripper, aeropress, tea infuser, tea strainer, coffee filter, sugar bowl, creamer, salt shaker, pepper shaker,
    shaker, salt cellar, salt mill, pepper mill, pepper grinder, salt grinder, spice grinder, spice rack, spice jar,
    spice mill, mortar and pestle, pestle and mortar, mortar, cutting board, chopping board, bread board, cheese
    board, charcuterie board, serving board, knife, chef knife, chef’s knife, chefs knife, paring knife, butter
    knife, steak knife, cleaver, knife block, knife sharpener, kitchen shears, fork, spoon, teaspoon, tablespoon,
    soup spoon, dessert spoon, cutlery, flatware, silverware, chopsticks, spork, utensil, utensil holder, utensil
    crock, bottle opener, can opener, tin opener, jar opener, corkscrew, wine opener, wine rack, wine stopper,
    bottle stopper, ice bucket, ice cube tray, ice tray, ice cream scoop, ice-cream scoop, scoop, cake stand, tiered
    stand, lazy susan, lazy susan turntable, trivet, coaster, placemat, place mat, oven mitt, oven glove, pot holder, potholder, dish
    rack, dish drainer, drying rack=kitchen, paper towel holder, kitchen roll holder, napkin holder, napkin ring,
    fruit bowl, fruit basket=kitchen, bread bin, bread box, lunch box, lunchbox, bento box, food container, food
    storage container, tupperware, butter knife set, egg cup, egg timer, egg poacher, toast rack, funnel, baking
    mat, cocktail shaker, jigger, muddler, wine aerator, honey dipper, kitchen timer, kitchen thermometer, meat
    thermometer, splatter guard, tea set, coffee set, water filter jug, soda siphon, drink dispenser, beverage
    dispenser, straw, drinking straw, kitchen utensil, cookware set, bakeware set, pan lid, cake topper, pie
    weights, tortilla press, burger press, bacon press, lemon squeezer, citrus squeezer, lemon juicer, citrus
    juicer, oil dispenser, oil mister, olive oil dispenser, cruet, sushi mat, chopper board`,
  container: `
    box, storage box, crate, storage crate, basket, storage basket, wicker basket, laundry basket, hamper, laundry
    hamper, clothes hamper, bin, storage bin, trash can, garbage can, dustbin, rubbish bin, waste bin, wastebasket,
    waste basket, wastepaper basket, recycling bin, pedal bin, tote bin, bucket, pail, barrel, drum barrel, jar,
    mason jar, cookie jar, biscuit tin, candy jar, canister, tin, tea caddy, bottle, water bottle, spray bottle,
    squeeze bottle, flask, hip flask, thermos, thermos flask, vacuum flask, hydro flask, jerry can, jerrycan, gas
    can, petrol can, storage container, keepsake box, jewelry box, jewellery box, watch box, tissue box, tissue box
    cover, treasure chest, trunk, storage trunk, footlocker, tool box, toolbox, tool chest, tackle box, moving box,
    cardboard box, gift box, mail box container, pill box, pill organizer, drawer organizer, drawer divider, closet
    organizer, shoe organizer, organizer, organiser, storage organizer, caddy, storage cube, cube organizer, display
    case, safe, cash box, key box, dry box, glasses case, hanging organizer, vacuum storage bag, trash bag, bin
    liner, bin bag, garbage bag, rubbish bag, ziplock bag, gift bag, keg, piggy bank, money box, first aid kit`,
  planter: `
    planter, planter box, flower pot, flowerpot, plant pot, plant pots, hanging planter, hanging basket, window box,
    raised bed, raised garden bed, seed tray, propagator, terrarium, cachepot, jardiniere, urn planter, plant
    holder, plant hanger, plant saucer, grow bag`,
  'cleaning tool': `
    loo brush, mop, spin mop, flat mop, broom, push broom, sweeper, carpet sweeper, dustpan, duster, feather duster,
    squeegee, window squeegee, sponge, scrubber, scrub brush, scrubbing brush, dish brush, bottle brush, toilet
    brush, cleaning brush, microfiber cloth, microfibre cloth, cleaning cloth, dishcloth, mop bucket, lint roller,
    lint remover, laundry detergent, detergent, dish soap, washing-up liquid, bleach, fabric softener, cleaning
    spray, glass cleaner, disinfectant, cleaner, rubber gloves, ironing board, clothes airer, clothes horse, laundry
    rack, clothesline, washing line, clothespin, clothes peg, grabber, reacher grabber, fly swatter, mousetrap,
    mouse trap`,
  'bath accessory': `
    soap dispenser, soap dish, toothbrush holder, towel rack, towel rail, towel bar, towel ring, towel holder, towel
    hook, toilet paper holder, toilet roll holder, bath caddy, shower caddy, bathroom scale, bathroom scales,
    bathroom shelf, bath pillow, bath toy holder, shower curtain rod, shower rod, shower head, showerhead, hand
    shower, shower shelf, bath tray, bathtub tray, plunger set, robe hook, bathroom organizer, shower curtain ring,
    bath bomb holder, tissue holder, cotton ball holder`,
  'bathroom fixture': `
    toilet, toilet seat, bidet, sink, washbasin, basin, pedestal sink, bathtub, bath tub, tub=bath, hot tub,
    jacuzzi, shower, shower cabin, shower enclosure, shower tray, faucet, tap, basin tap, mixer tap, kitchen sink,
    kitchen faucet, kitchen tap, bathroom vanity, bathroom cabinet, medicine cabinet, urinal`,
  toiletry: `
    beard oil, body butter, hair mousse, mousse=bath, hair oil, cuticle oil, bubble bath, wax strips, tampons,
    condoms, toothbrush, electric toothbrush, toothpaste, mouthwash, dental floss, floss, water flosser, razor,
    safety razor, electric razor, electric shaver, shaver, razor blade, trimmer, beard trimmer, hair trimmer, hair
    clipper, hair clippers, clippers, nail clipper, nail clippers, nail file, nail polish, tweezers, comb, hair
    comb, hairbrush, hair brush, paddle brush, shaving brush, shaving cream, shaving foam, aftershave, shampoo,
    conditioner, body wash, shower gel, soap, bar soap, soap bar, hand soap, bath bomb, bath salts, lotion, body
    lotion, moisturizer, moisturiser, hand cream, face cream, sunscreen, sun cream, lip balm, lipstick, lip gloss,
    mascara, eyeliner, eyeshadow, eyeshadow palette, foundation, concealer, blush, blusher, face powder, makeup
    brush, make-up brush, makeup sponge, makeup palette, makeup bag=bag, serum, face serum, face mask, sheet mask,
    cleanser, toner=bath, deodorant, antiperspirant, perfume, eau de parfum, cologne, body spray, hair spray,
    hairspray, hair gel, hair wax, hair dye, cotton swab, cotton bud, cotton pad, loofah, pumice stone, hand
    sanitizer, sanitizer, wet wipes, toilet paper, toilet roll, tissue, facial tissue, band-aid, plaster, contact
    lens case, eyelash curler, false eyelashes, diaper cream, essential oil, massage oil, vitamin, supplement`,
  textile: `
    rug, area rug, shag rug, runner rug, runner, carpet, doormat, door mat, bath mat, bath rug, floor mat, mat,
    pillow, throw pillow, cushion, floor cushion, seat cushion, chair cushion, scatter cushion, lumbar pillow, body
    pillow, bolster, pillowcase, pillow case, pillow cover, cushion cover, pillow sham, sham, duvet, duvet cover,
    comforter, comforter set, quilt, bedspread, coverlet, blanket, throw blanket, throw, fleece blanket, weighted
    blanket, picnic blanket, baby blanket, afghan, bed sheet, sheet, fitted sheet, flat sheet, sheet set, bed linen,
    bed set, bedding, bedding set, mattress protector, mattress topper, mattress pad, mattress cover, bed skirt,
    valance, towel, bath towel, hand towel, beach towel, tea towel, dish towel, kitchen towel, washcloth, face
    cloth, flannel, bath sheet, curtain, blackout curtain, sheer curtain, drape, curtain panel, shower curtain,
    shower liner, blind, roller blind, roman blind, venetian blind, window blind, window shade, roller shade, roman
    shade, tablecloth, table cloth, table runner, napkin, cloth napkin, tapestry, wall hanging, sofa cover, couch
    cover, slipcover, chair cover, furniture cover, bed canopy, canopy bed curtain, mosquito net, fabric, yarn, felt
    sheet, flag, banner, bunting, ribbon, stair tread, car seat cover, ironing board cover, grill cover, car cover,
    pool cover, sheepskin, faux fur rug, yoga towel, hammock fabric, handkerchief, burp cloth, muslin`,
  'baby gear': `
    dummy clip, pacifier clip, play gym, baby gym, muslin cloth, baby nest, swaddle, baby swaddle, stroller,
    pushchair, pram, buggy=baby, baby carriage, baby carrier, baby sling, car seat, booster seat, baby bottle,
    feeding bottle, bottle warmer, bottle sterilizer, sippy cup, pacifier, dummy=baby, teether, teething ring, bib,
    baby bib, diaper, nappy, diaper pail, changing mat, changing pad, baby bouncer, bouncer, baby swing, baby gate,
    safety gate, playpen, play yard, baby walker, breast pump, potty, training potty, potty chair, nursing pillow,
    baby monitor camera, baby mobile, crib mobile, moses basket, travel cot, travel crib, baby bath, activity gym`,
  'pet supply': `
    water fountain=pet, chew bone, dog bone, perch=pet, bird perch, hay rack, pet brush, slow feeder, slow feeder bowl, leash, dog
    leash, dog lead, retractable leash, collar, dog collar, cat collar, flea collar, harness, dog harness, pet
    carrier, cat carrier, dog crate, pet crate, dog kennel, kennel, dog house, doghouse, dog bed, cat bed, pet bed,
    dog bowl, cat bowl, pet bowl, food bowl, water bowl, pet feeder, automatic feeder, cat feeder, pet fountain, cat
    fountain, cat tree, cat tower, scratching post, cat scratcher, scratching pad, litter box, cat litter, cat
    litter box, litter tray, litter scoop, dog toy, cat toy, chew toy, tennis ball launcher, dog ramp, dog gate, pet
    gate, dog brush, pet hair remover, poop bag, dog poop bag, aquarium, fish tank, fishbowl, fish bowl, aquarium
    filter, bird cage, birdcage, hamster cage, hamster wheel, rabbit hutch, terrarium heater, dog coat, dog sweater,
    dog food, cat food, pet food, dog treat, cat treat, dog biscuit, dog chew, bird seed, fish food, muzzle=pet,
    horse saddle, horse blanket, bridle, halter, cat flap, dog door`,
  ornament: `
    plaque, house plaque, candle plate, fairy garden, wax flowers, photo canvas, advent calendar, vase, flower vase,
    bud vase, frame, picture frame, photo frame, photo album, poster, print, art print, wall art, canvas print,
    canvas art, painting, oil painting, sculpture, statue, figurine, ornament, christmas ornament, bauble, christmas
    tree=tree, wreath, garland, artificial plant, artificial flowers, faux plant, fake plant, dried flowers, snow
    globe, wind chime, wind chimes, dreamcatcher, candle wreath, wall decal, wall sticker, wall decor, trophy, medal
    display, hourglass, globe, decorative bowl, decorative tray, bust, paperweight, urn, nutcracker figure,
    christmas stocking, nativity set, easter egg, mobile=ornament, tabletop fountain, welcome sign, neon sign, wall
    sign, wall clock decor, magnet, fridge magnet`,
};
