import type { Kind } from './kinds.js';

/** Names of goods for work, leisure and wear, and of groceries, by kind. See goods.ts. */
export const OTHER_GOODS: Readonly<Partial<Record<Kind, string>>> = {
  stationery: `
    finger paint, notebook, spiral notebook, notepad, journal, diary, planner, day planner, sketchbook, sketch pad,
    drawing pad, writing pad, legal pad, sticky note, post-it, post-it note, index card, binder, ring binder,
    folder, file folder, expanding file, document wallet, clipboard, envelope, greeting card, birthday card,
    postcard, calendar, desk calendar, wall calendar, pen, ballpoint, ballpoint pen, gel pen, fountain pen,
    rollerball, felt-tip pen, fineliner, marker, marker pen, permanent marker, whiteboard marker, dry erase marker,
    highlighter, highlighter pen, pencil, colored pencil, coloured pencil, mechanical pencil, crayon, chalk, pastel,
    pencil case, pencil pouch, pencil sharpener, sharpener, eraser, rubber eraser, ruler, set square, protractor,
    stapler, staples, staple remover, hole punch, paper punch, paper clip, paperclip, binder clip, bulldog clip,
    push pin, pushpin, thumbtack, drawing pin, rubber band, tape dispenser, sticky tape, sellotape, scotch tape,
    washi tape, glue stick, glue, correction fluid, correction tape, rubber stamp, stamp pad, ink pad, desk
    organizer, desk tidy, pen holder, pencil holder, pencil cup, pen cup, letter tray, paper tray, letter opener,
    paper cutter, paper trimmer, guillotine trimmer, cutting mat, desk mat, desk pad, blotter, bookend, book stand,
    bookmark, name tag, badge holder, lanyard, label, printer paper, copy paper, paper, ink cartridge, toner, toner
    cartridge, paint set, watercolor set, watercolour set, watercolor, watercolour, acrylic paint, paintbrush set,
    canvas panel, coloring book, colouring book, sticker, gift wrap, wrapping paper, book, cookbook, paperback,
    hardcover, atlas, magazine file, monitor stand, monitor riser, mouse pad, mouse mat, mousepad`,
  electronics: `
    chromebook, macbook, ipad, kindle, card reader, sd card reader, security cam, cam=tech, drive=tech, mesh system,
    mesh router, repeater, dimmer switch, light switch, doorbell camera, dashboard camera, nas, capture card,
    cooling pad, laptop, computer, desktop computer, desktop, pc, tablet, tablet computer, e-reader, ereader,
    smartphone, phone, mobile phone, cell phone, cellphone, mobile, smartwatch, smart watch, fitness tracker,
    fitness band, activity tracker, charger, wall charger, car charger, wireless charger, charging station, charging
    pad, charging dock, power bank, powerbank, battery pack, battery, battery charger, adapter, adaptor, power
    adapter, travel adapter, power supply, cable, usb cable, hdmi cable, charging cable, extension cord, extension
    lead, extension cable, power strip, surge protector, power cord, plug, smart plug, hub, usb hub, smart hub,
    dock=tech, docking station, dongle, router, wi-fi router, wifi router, modem, switch=tech, ethernet switch,
    range extender, wifi extender, webcam, camera, digital camera, action camera, instant camera, security camera,
    dash cam, dashcam, camcorder, camera lens, lens, tripod, gimbal, selfie stick, drone, microphone, mic, speaker,
    bluetooth speaker, smart speaker, bookshelf speaker, soundbar, sound bar, subwoofer, loudspeaker, amplifier,
    receiver, turntable, record player, cd player, dvd player, mp3 player, media player, streaming stick, radio,
    clock radio, boombox, headphones, headphone, headset, earphones, earphone, earbuds, earbud, ear buds, earpods,
    keyboard, mouse, computer mouse, trackball, trackpad, touchpad, numpad, graphics tablet, drawing tablet, stylus,
    stylus pen, joystick, gamepad, game controller, controller, game console, console, handheld console, vr headset,
    monitor, computer monitor, display, screen, tv, television, projector, projector screen, remote, remote control,
    printer, inkjet printer, laser printer, 3d printer, scanner, shredder, paper shredder, laminator, label maker,
    label printer, calculator, copier, photocopier, fax machine, cash register, barcode scanner, ssd, hard drive,
    external hard drive, flash drive, usb stick, usb drive, thumb drive, memory card, sd card, graphics card,
    motherboard, processor, cpu cooler, computer case, pc case, sound card, phone case, phone cover, phone holder,
    phone stand, phone mount, car mount, tablet stand, laptop stand, screen protector, alarm clock, digital clock,
    wall clock, clock, watch winder, thermostat, smart thermostat, doorbell, video doorbell, smoke alarm, smoke
    detector, carbon monoxide detector, walkie talkie, walkie-talkie, gps, sat nav, satnav, gps tracker, digital
    photo frame, digital frame, baby monitor, weather station, timer, stopwatch, megaphone, metal detector, solar
    charger, solar panel, synthesizer pad, night vision goggles, e-book reader, garage door opener`,
  tool: `
    laser measure, circlip pliers, tin snips, snips, multi-bit screwdriver, cable tie, zip tie, ratchet strap, axe,
    hatchet, sandpaper sheet, plumb bob, chicken wire, door stop, doorstop, drill, cordless drill, power drill,
    impact driver, hammer drill, drill press, drill bit, screwdriver, screwdriver set, screwdriver bit, bit set,
    hammer, claw hammer, mallet, sledgehammer, wrench, adjustable wrench, torque wrench, pipe wrench, socket wrench,
    socket set, spanner, allen key, hex key, allen wrench, ratchet, pliers, needle-nose pliers, wire cutter, wire
    stripper, bolt cutter, cutter, box cutter, utility knife, craft knife, pocket knife, stanley knife, multi-tool,
    multitool, saw, hand saw, handsaw, hacksaw, circular saw, table saw, miter saw, mitre saw, jigsaw, band saw,
    chainsaw, chisel, wood chisel, file=tool, rasp, plane, hand plane, sander, orbital sander, belt sander, sanding
    block, sandpaper, grinder, angle grinder, bench grinder, rotary tool, router bit, level, spirit level, laser
    level, tape measure, measuring tape, measuring wheel, caliper, calipers, square, speed square, combination
    square, stud finder, vise, vice, clamp, c-clamp, bar clamp, bench vise, workbench, sawhorse, crowbar, pry bar,
    nail gun, staple gun, glue gun, hot glue gun, heat gun, soldering iron, multimeter, voltmeter, paint roller,
    paint brush, paintbrush, paint tray, paint sprayer, putty knife, scraper, trowel, caulking gun, caulk gun,
    ladder, step ladder, stepladder, extension ladder, jack, car jack, hand truck, dolly, air compressor,
    compressor, tire inflator, tyre inflator, tyre pump, generator, welder, welding helmet, tool bag, tool belt,
    tool set, tool kit, tape, duct tape, masking tape, electrical tape, painter’s tape, rope, bungee cord, tarp,
    tarpaulin, padlock, lock, combination lock, hook, wall hook, wall anchor, hasp, hinge, door handle, doorknob,
    door knob, drawer pull, cabinet knob, scissors, shears, seam ripper, knitting needle, crochet hook, thread,
    sewing kit, pipe cutter, tile cutter, glass cutter, plunger, flashlight holder, safety glasses, knee pads, work
    gloves, dust mask, respirator, magnifier, magnifying glass`,
  'machine part': `
    cable gland, conveyor roller, steering wheel, snow tyre, winter tire, roof rack, tow bar, hinge pin, thrust
    bearing, bolt, hex bolt, carriage bolt, eye bolt, screw, wood screw, machine screw, set screw, self-tapping
    screw, nut=machine, hex nut, lock nut, wing nut, washer=machine, flat washer, lock washer, rivet, nail, bearing,
    ball bearing, roller bearing, gear, spur gear, gearbox, worm gear, cog, shaft, drive shaft, crankshaft,
    camshaft, piston, piston ring, cylinder head, valve, ball valve, check valve, solenoid valve, gate valve,
    butterfly valve, gasket, o-ring, oil seal, shaft seal, seal=machine, spring=machine, coil spring, compression
    spring, flange, bushing, coupling, pulley, sprocket, chain=machine, roller chain, belt=machine, v-belt, timing
    belt, drive belt, conveyor belt, fan belt, motor, electric motor, stepper motor, servo motor, servo, actuator,
    linear actuator, pump, hydraulic pump, water pump, vacuum pump, fuel pump, hydraulic cylinder,
    compressor=machine, impeller, rotor, turbine blade, radiator=machine, spark plug, carburetor, carburettor,
    alternator, fuel injector, brake disc, brake pad, brake caliper, clutch, clutch plate, shock absorber, strut,
    exhaust pipe, muffler, air filter, oil filter, fuel filter, filter cartridge, hose clamp, pipe fitting, pipe,
    pvc pipe, elbow fitting, tee fitting, connector, terminal block, relay, solenoid, sensor, proximity sensor,
    pressure sensor, limit switch, circuit breaker, fuse, fuse box, transformer, capacitor, resistor, transistor,
    diode, circuit board, pcb, heat sink, heatsink, potentiometer, pressure gauge, gauge, flow meter, thermocouple,
    nozzle, spindle, collet, chuck, end mill, bracket, shelf bracket, angle bracket, dowel, dowel pin, cotter pin,
    linear rail, lead screw, ball screw, manifold, universal joint, axle, wheel hub, tire, tyre, caster, castor,
    caster wheel, hubcap, windshield wiper, wiper blade, car battery, headlight, tail light, license plate frame,
    inner tube`,
  'garden tool': `
    hose, garden hose, soaker hose, hose reel, hose nozzle, sprinkler, lawn sprinkler, watering can, rake, leaf
    rake, shovel, spade, garden fork, pitchfork, hoe, garden hoe, cultivator, hand trowel, garden trowel, pruner,
    pruning shears, secateurs, loppers, lopper, hedge trimmer, hedge shears, garden shears, grass shears, string
    trimmer, strimmer, weed eater, weed wacker, edger, lawn mower, lawnmower, mower, robot mower, leaf blower,
    blower, weeder, dibber, bulb planter, garden cart, seed spreader, spreader, compost bin, composter, compost
    tumbler, rain barrel, water butt, garden sprayer, sprayer, pressure sprayer, garden gloves, gardening gloves,
    kneeler, garden kneeler, plant support, tomato cage, trellis, garden stake, bird feeder, bird bath, birdbath,
    bird house, birdhouse, garden gnome, snow shovel, snow blower, log splitter, fire pit, chiminea, patio heater,
    garden arch, garden edging, weed barrier, pond pump, pool skimmer`,
  bag: `
    passport cover, passport case, shopper, bag, tote, tote bag, shopping bag, handbag, hand bag, purse, clutch,
    clutch bag, shoulder bag, crossbody bag, crossbody, cross-body bag, satchel, messenger bag, backpack, back pack,
    rucksack, knapsack, daypack, school bag, schoolbag, book bag, laptop bag, laptop sleeve, laptop case, duffel,
    duffle, duffel bag, duffle bag, gym bag, sports bag, holdall, weekender, weekender bag, travel bag, suitcase,
    suit case, luggage, carry-on, carry-on luggage, luggage set, trolley case, cabin bag, briefcase, wallet,
    cardholder, card holder, card case, coin purse, money clip, passport holder, fanny pack, bum bag, waist bag,
    belt bag, waist pack, hip pack, sling bag, pouch, drawstring bag, bucket bag, hobo bag, evening bag, toiletry
    bag, wash bag, makeup bag, make-up bag, cosmetic bag, camera bag, golf bag, lunch bag, cooler bag, diaper bag,
    nappy bag, changing bag, baby bag, beach bag, grocery bag, garment bag, hydration pack, saddle bag, pannier,
    wristlet, packing cube, travel case, key pouch, instrument bag`,
  accessory: `
    sunglasses, glasses, reading glasses, eyeglasses, spectacles, goggles, ski goggles, swim goggles, umbrella,
    parasol umbrella, belt, leather belt, suspenders, braces, scarf clip, keychain, key chain, keyring, key ring,
    key holder, watch strap, watch band, watch, wristwatch, wrist watch, pocket watch, headband, hair band,
    hairband, hair tie, scrunchie, hair clip, hair claw, claw clip, barrette, bobby pin, hair pin, hairpin, hair
    bow, cufflink, cufflinks, tie clip, tie pin, bike helmet, bicycle helmet, helmet, motorcycle helmet, ski helmet,
    hard hat, walking stick, cane, hanger, coat hanger, clothes hanger, luggage tag, sleep mask, eye mask, neck
    pillow, travel pillow, ear muffs, earmuffs, lapel pin, fan=wear, shoe horn, shoehorn, insole, shoelace, bandana,
    wig`,
  shoe: `
    ballet pump, court shoe, dress shoe, sandals, school shoe, walking boot, shoe, running shoe, tennis shoe,
    basketball shoe, sneaker, trainers, trainer, boot, ankle boot, chelsea boot, hiking boot, rain boot, snow boot,
    work boot, cowboy boot, wellington boot, wellies, wellington, combat boot, sandal, slide sandal, flip-flop, flip
    flop, flipflop, slipper, loafer, moccasin, oxford, oxford shoe, brogue, derby shoe, pump=wear, heels, high
    heels, high heel, stiletto, wedge=wear, ballet flat, ballet flats, flats, espadrille, clog, mule=wear, slip-on,
    slip-ons, mary jane, boat shoe, cleats, football boot, water shoe, aqua shoe, ballet shoe, platform shoe`,
  clothing: `
    bomber=wear, shirt, t-shirt, tee, tshirt, t shirt, polo, polo shirt, dress shirt, flannel shirt, denim shirt,
    blouse, top, tank top, crop top, camisole, tunic, henley, hoodie, sweatshirt, sweater, jumper, pullover,
    cardigan, turtleneck, vest, waistcoat, gilet, jacket, denim jacket, leather jacket, bomber jacket, down jacket,
    puffer jacket, puffer, rain jacket, raincoat, windbreaker, anorak, parka, coat, trench coat, overcoat, peacoat,
    blazer, suit, tuxedo, pants, trousers, jeans, chinos, slacks, cargo pants, sweatpants, joggers, track pants,
    tracksuit, leggings, yoga pants, shorts, bermudas, skirt, mini skirt, maxi skirt, pencil skirt, dress, maxi
    dress, sundress, summer dress, evening dress, gown, wedding dress, jumpsuit, romper, playsuit, overalls,
    dungarees, onesie, bodysuit, baby bodysuit, pajamas, pyjamas, pajama set, pyjama set, nightgown, nightdress,
    robe, bathrobe, dressing gown, underwear, briefs, boxers, boxer briefs, boxer shorts, bra, sports bra, bralette,
    lingerie, swimsuit, swimming costume, swim trunks, bikini, one-piece, rash guard, wetsuit, sock, socks, ankle
    sock, wool sock, knee sock, stockings, tights, pantyhose, glove, mitten, leather glove, winter glove, hat, sun
    hat, bucket hat, beanie, cap, baseball cap, snapback, beret, fedora, cowboy hat, straw hat, scarf, shawl, wrap,
    pashmina, poncho, tie, necktie, bow tie, apron, uniform, scrubs, costume, halloween costume, kimono, bib=wear,
    jersey, football jersey, leotard, tutu, base layer, thermal underwear, life jacket, safety vest, lab coat`,
  jewellery: `
    necklace, pendant necklace, locket, chain necklace, choker, bracelet, charm bracelet, bangle, anklet, ring=wear,
    engagement ring, wedding band, wedding ring, signet ring, earring, stud earring, hoop earring, hoops,
    studs=wear, brooch, tiara, pendant=wear, charm=wear, jewelry set, jewellery set`,
  toy: `
    toy, puzzle, jigsaw puzzle, building blocks, building block, blocks, wooden blocks, alphabet blocks, brick set,
    building set, lego set, plush, plush toy, plushie, stuffed animal, stuffed toy, soft toy, teddy bear, teddy,
    doll, doll house, dollhouse, dolls house, doll’s house, action figure, figurine=toy, toy car, toy truck, toy
    train, train set, remote control car, rc car, board game, card game, chess set, playing cards, dice, deck of
    cards, yo-yo, spinning top, fidget spinner, rubik’s cube, puzzle cube, kite, bubble machine, bubble wand, water
    gun, nerf gun, toy gun, play tent, playhouse, play kitchen, play mat, sandbox, sand toy, bath toy, rubber duck,
    rattle, rocking horse, ride-on, ride-on car, balance bike toy, marble run, model kit, model train, model
    airplane, slime, modelling clay, modeling clay, play dough, play-doh, magnetic tiles, shape sorter, stacking
    rings, stacking toy, puppet, hand puppet, finger puppet, balloon, pinata, piñata, party hat, foam dart, slot car
    set, toy kitchen, activity cube, abacus, music box, jack-in-the-box, trampoline=toy, swing set=toy, hula hoop,
    pogo stick, jump rope=toy, craft kit, bead kit`,
  'camping gear': `
    bivvy, bivy, bivy bag, tarp tent, cool bag, headlamp strap, sleeping mat, tent, camping tent, pop-up tent,
    backpacking tent, canopy tent, canopy, gazebo=camp, sleeping bag, sleeping pad, camping mat, air bed, camp bed,
    camping cot, camping chair, camp chair, beach chair, folding stool, camping table, camping stove, camp stove,
    backpacking stove, camping lantern, cooler, cool box, coolbox, ice chest, picnic basket, beach umbrella, beach
    tent, grill, bbq, barbecue, charcoal grill, gas grill, pellet grill, smoker, bbq grill, water filter=camp,
    trekking pole, hiking pole, hiking poles, compass, binoculars, fire starter, mess kit, headnet, carabiner, dry
    bag, fishing rod, fishing reel, fishing pole, fishing lure, lure, tackle, fishing net, kayak paddle`,
  'gym gear': `
    reformer, pilates reformer, step platform, aerobic step, gymnastics mat, agility ladder, dumbbell, kettlebell,
    barbell, weight plate, weight bench, workout bench, weight set, yoga mat, exercise mat, gym mat, pilates mat,
    foam roller, yoga block, resistance band, exercise band, exercise ball, yoga ball, pilates ball, stability ball,
    medicine ball, jump rope, skipping rope, treadmill, exercise bike, stationary bike, spin bike, rowing machine,
    elliptical, elliptical trainer, stepper, pull-up bar, pull up bar, chin-up bar, ab roller, ab wheel, push-up
    bar, punching bag, punch bag, heavy bag, boxing glove, boxing gloves, speed bag, trampoline, balance board,
    power rack, squat rack, hand grip, ankle weight, wrist weight, battle rope, gymnastic rings, sauna blanket,
    massage gun, massager`,
  'sports gear': `
    headguard, shin pad, gum shield, goalkeeper gloves, tennis net, golf tee, swim cap, ball, football, soccer ball,
    basketball, volleyball, baseball, tennis ball, golf ball, rugby ball, cricket ball, beach ball, bowling ball,
    ping pong ball, racket, racquet, tennis racket, tennis racquet, badminton racket, squash racket, paddle, table
    tennis bat, ping pong paddle, ping pong table, table tennis table, pool table, foosball table, air hockey table,
    bat=sports, baseball bat, cricket bat, baseball glove, golf club, putter, driver=sports, golf glove, hockey
    stick, hockey puck, lacrosse stick, frisbee, flying disc, dartboard, dart, dart board, shuttlecock, basketball
    hoop, soccer goal, football goal, volleyball net, skateboard, longboard, skate, roller skate, rollerblade,
    inline skate, ice skate, surfboard, paddleboard, paddle board, boogie board, bodyboard, snowboard, ski, ski
    pole, ski boots, sled, snowshoe, kickboard, swim fins, flippers, snorkel, snorkel set, diving mask, shin guard,
    shin guards, knee pad, elbow pad, mouthguard, bow=sports, archery bow, arrow, chalk bag, climbing harness,
    climbing rope, climbing shoe, helmet=sports, billiard cue, pool cue, croquet set, badminton set, horseshoe set,
    cornhole set, pickleball paddle, inflatable pool, pool float, swim ring, kiddie pool, paddling pool, life vest`,
  instrument: `
    guitar, acoustic guitar, electric guitar, bass guitar, bass=music, classical guitar, ukulele, banjo, mandolin,
    violin, viola, cello, double bass, harp, piano, digital piano, keyboard piano, electric keyboard, electric
    piano, midi keyboard, synthesizer, organ, accordion, harmonica, flute, recorder=music, clarinet, oboe,
    saxophone, trumpet, trombone, tuba, french horn, horn=music, drum, drum kit, drum set, snare drum, cajon, bongo,
    bongos, djembe, tambourine, maracas, xylophone, glockenspiel, kalimba, triangle=music, cymbal, drumstick=music,
    drumsticks, guitar amp, guitar pedal, guitar pick, guitar stand, guitar strap, guitar case, capo, metronome,
    music stand, violin bow, pedal=music`,
  apparatus: `
    walking frame, walker, walking aid, blood pressure cuff, dental mirror, safety shower, microscope slide,
    microscope, telescope, thermometer, digital thermometer, forehead thermometer, barometer, hygrometer,
    stethoscope, blood pressure monitor, heart rate monitor, pulse oximeter, oximeter, glucose meter, syringe,
    scale, digital scale, luggage scale, beaker, test tube, pipette, petri dish, flask=lab, centrifuge, bunsen
    burner, wheelchair, rollator, crutch, crutches, knee brace, wrist brace, ankle brace, back brace, hearing aid,
    nebulizer, inhaler, bandage, face shield, surgical mask, rangefinder, monocular, spotting scope, oscilloscope,
    ph meter`,
  'street object': `
    fence, garden fence, fence panel, gate, door, screen door, window, mailbox, post box, letterbox, letter box,
    flagpole, traffic cone, road sign, street sign, sign=street, bollard, swing set, swing, slide=street, seesaw,
    playground, climbing frame, pergola, garden umbrella, patio umbrella, parasol, awning, bike rack, bicycle rack,
    parking meter, basketball pole, fire hydrant, house number, garden statue, garden fountain, water fountain`,
  building: `
    shed, garden shed, greenhouse, gazebo, pavilion, garage, summerhouse, summer house, carport, tree house,
    treehouse, chicken coop, sauna, cabin`,
  bicycle: `
    bike, bicycle, mountain bike, road bike, electric bike, e-bike, ebike, folding bike, kids bike, balance bike,
    tricycle, scooter, kick scooter, electric scooter, hoverboard, unicycle, motorcycle, motorbike, moped`,
  cart: `
    wheelbarrow, wagon, cart, shopping cart, shopping trolley, golf cart, bike trailer, cargo trailer, go-kart, go
    kart`,
  boat: `
    kayak, canoe, inflatable boat, dinghy, raft`,
  weapon: `
    airsoft gun, bb gun, paintball gun, paintball marker, pellet gun, crossbow`,
  dish: `
    granola bar, protein bar, energy bar, cereal bar, potato chips, tortilla chips, corn chips, crisps, trail mix,
    popcorn bag, instant noodles, noodles, pasta, spaghetti, baby food, frozen pizza, pizza, beef jerky, jerky,
    soup, cereal, breakfast cereal, granola, protein powder`,
  bakery: `
    dark chocolate, milk chocolate, white chocolate, chocolate bar, candy bar, cookie, biscuit, cake, cracker,
    muffin, brownie, candy, gummies, gummy bears, chewing gum, chocolate, pancake mix, cake mix`,
  sauce: `
    cinnamon, ground cinnamon, paprika, turmeric, oregano, stock cube, basmati rice, rice, lentils, chickpeas, oats,
    seasoning, olive oil, ketchup, hot sauce, soy sauce, tomato sauce, pasta sauce, mustard, mayonnaise, peanut
    butter, jam, honey, maple syrup, spice, salt, pepper=kitchen, sugar, flour, coconut oil, vegetable oil, vinegar,
    salsa`,
  drink: `
    coffee, ground coffee, coffee beans, coffee pods, coffee pod, coffee capsule, tea, green tea, herbal tea, tea
    bags, tea bag, juice, orange juice, soda, cola, energy drink, sports drink, sparkling water, mineral water,
    wine, red wine, beer, milk, oat milk, almond milk, lemonade, iced tea, kombucha, hot chocolate, smoothie,
    whiskey, whisky, vodka, gin=kitchen`,
  nut: `
    mixed nuts, almonds, cashews, peanuts, pistachios, walnuts`,
};
