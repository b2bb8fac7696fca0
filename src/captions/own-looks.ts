/** What single things look like, where their kind's looks (looks/) would be wrong: a fire engine in mint, a wicker bottle. */

const split = (list: string) => (list === '' ? [] : list.split(', '));

/** Colours of things that come in few: by concept or hypernym, the nearest one known. Empty: the name alone says the colour. */
export const OWN_COLOURS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'black and white': 'penguin',
    black: 'crow, raven, panther, blackbird, blackberry, killer whale',
    white:
      'polar bear, ice bear, snowy owl, egret, snowdrop, cauliflower, garlic, edelweiss, jasmine, milk, rice, igloo, flour, yogurt, sand dollar, sugar, cream, mayonnaise, daisy, gardenia, salt, ambulance, cotton, popcorn, mashed potato',
    '': 'zebra, panda, giant panda, skunk, dalmatian, rainbow, ladybug, traffic light, stop sign, calico, chessboard, tortoiseshell',
    grey: 'elephant, hippopotamus, rhinoceros, dolphin, koala, shark, manatee, battleship, destroyer, igneous rock, aircraft carrier, great white shark',
    pink: 'flamingo, sakura, cotton candy, ham, watermelon slice',
    orange:
      'carrot, pumpkin, tiger, mandarin, tangerine, apricot, orangutan, persimmon, sweet potato, cantaloupe, papaya, salmon roe, clownfish, anemone fish, orange juice, goldfish',
    'golden, tan':
      'lion, cheetah, leopard, jaguar, giraffe, cougar, hyena, golden retriever, gazelle, impala, antelope, kangaroo, camel, dingo, meerkat',
    'yellow, green': 'banana, lemon, pineapple, mango, guava, quince, banana tree',
    yellow:
      'sunflower, corn, dandelion, buttercup, school bus, canary, cheese, lemon juice, daffodil, butter, lemonade, mustard, honeydew',
    'red, green, yellow': 'apple, bell pepper, pear, pepper, maple leaf, tomato, chili, grape',
    red: 'strawberry, raspberry, cherry, cranberry, cardinal, fire engine, beet, radish, lobster, ketchup, poppy, red fox, stop light, pomegranate, crayfish, cooked lobster, poinsettia',
    purple: 'eggplant, grape juice, lavender, plum, fig, lilac, beet, wisteria, heather, violet',
    'dark blue': 'blueberry, bluebell, indigo bunting, blue whale',
    'green, dark green':
      'cucumber, broccoli, lettuce, spinach, zucchini, lime, avocado, pea, green bean, cabbage, asparagus, celery, kale, frog, tree frog, grasshopper, iguana, crocodile, alligator, artichoke, brussels sprout, watermelon, kiwi, parsley, basil, mint, leek, mantis, okra, fir, spruce, pine, cedar, palm, Christmas tree, cypress, conifer, green algae, lizard, ivy, moss',
    'brown, dark brown':
      'beaver, otter, bear, moose, bison, chestnut, acorn, chocolate, coffee, cocoa, potato, walnut, coconut, deer, eagle, sparrow, wren, hedgehog, walrus, sloth, pinecone, kiwi bird, moose, elk, reindeer, buffalo, brownie, espresso, soy sauce, cola, platypus, wild boar, monkey, baboon, steak, sausage, bagpipe, beehive, log cabin, nest, bacon, violin, cello, meatball',
    'tan, light brown, brown':
      'lion cub, sand, desert, peanut, bread, toast, pretzel, bagel, ginger, onion, mushroom, cookie, almond, hare, squirrel, rabbit, baguette, croissant, waffle, pancake, pyramid, biscuit',
    'white, black': 'swan, goose, swan boat, sheep, goat, albatross, magpie',
    'white, grey': 'gull, pelican, pigeon, husky, tern, snow leopard, seal, shuttlecock, igloo, heron',
    'yellow, black, white': 'taxi, cab',
    'olive, tan, dark green': 'tank, military vehicle, half-track, cannon',
    'yellow and black': 'bee, wasp, honeybee, hornet, bumblebee',
    'orange and black': 'monarch butterfly, monarch',
    'red, pink, white, yellow':
      'rose, tulip, carnation, dahlia, peony, camellia, begonia, geranium, gladiolus, hibiscus, lily, zinnia, petunia',
    'yellow, orange': 'marigold, egg, omelet, french fries, peach, giraffe plant, curry, grapefruit, orange',
    'red, white': 'wine, red wine',
    'orange, red, yellow, purple': 'juice, fruit juice, smoothie',
    'brown, golden, tan': 'sandwich, cake, pie, roast, burger, hamburger, biscuit, cookie',
    amber: 'beer, whiskey, tea, honey, cider, iced tea, maple syrup, champagne, bourbon',
    'black, brown':
      'bat, ant, beetle, spider, tarantula, gorilla, chimpanzee, mole, rottweiler, stag beetle, cockroach, cricket',
    'grey, brown':
      'mouse, rat, wolf, raccoon, owl, donkey, badger, opossum, coyote, squirrel monkey, mule, warthog, hamster',
  }).flatMap(([colours, names]) => names.split(', ').map((name) => [name, split(colours)] as const)),
);

/** Materials of things that are made of few: by concept or hypernym, the nearest one known. */
export const OWN_MATERIALS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'wicker, straw': 'basket, hamper, bassinet',
    'cardboard, wooden, metal, plastic': 'box',
    'wooden, plastic': 'crate, chessman, dice, domino, rocking horse, ruler',
    'glass, plastic': 'bottle, jar, beaker, flask, test tube, aquarium, shot glass, glass, wineglass, goblet',
    'tin, metal, aluminium': 'can, milk can, tin, kettle, canteen',
    'wooden, oak':
      'barrel, chest, bookcase, wardrobe, desk, log cabin, picket fence, oar, chest of drawers, rolling pin, easel, paddle, baseball bat, cutting board, canoe, tree house, pier, windmill',
    'wooden, metal, plastic, wicker': 'chair, bench, stool, table, seat, cradle, bed, shelf',
    'leather, velvet': 'sofa, armchair, couch, cushion',
    'steel, iron, metal':
      'knife, scissors, saw, ax, hammer, wrench, pliers, chain, nail, screw, bolt, anvil, barbell, dumbbell, frying pan, pot, wok, sword, dagger, armor, bayonet, lock, padlock, hook, sink, ladle, whisk, grater, cleaver',
    'ceramic, porcelain, clay, enamel':
      'cup, mug, plate, bowl, teapot, saucer, teacup, vase, bathtub, toilet, jug, crock, pitcher',
    'leather, canvas, denim': 'backpack, handbag, purse, briefcase, wallet, belt, bag',
    leather: 'saddle, baseball glove, boot, cowboy boot, football, basketball, holster, moccasin',
    'cotton, silk, knitted':
      'shirt, dress, skirt, scarf, sock, glove, pajama, tie, kimono, blouse, bathing suit, bikini, necktie, handkerchief, undershirt',
    'woollen, knitted': 'sweater, cardigan, mitten, beret, hosiery, stocking',
    'felt, straw, leather, woollen': 'hat, cap, bonnet, headdress',
    'brick, stone, concrete':
      'school, factory, hospital, prison, library, garage, fireplace, chimney, wall, dam, bank, fort, museum, hotel, theater, viaduct, aqueduct, lighthouse, tower, monastery, apartment building, silo, castle, cathedral, church, palace, temple, mosque, fortification, place of worship',
    'glass, concrete, steel':
      'skyscraper, office building, stadium, greenhouse, observatory, train station, airport, shop, supermarket',
    'wooden, stone, brick':
      'house, cottage, barn, farmhouse, shed, dwelling, mill, bungalow, chalet, villa, cabin, hut, mansion, dwelling house',
    'stone, steel, wooden, iron': 'bridge, suspension bridge',
    'stone, marble, granite':
      'statue, obelisk, pyramid, fountain, stupa, memorial, triumphal arch, column, monument, sculpture',
    'plastic, rubber': 'helmet, mouse pad, shin guard, goggles, kneepad, cooler, flipper, phone case',
    'paper, cardboard':
      'poster, notebook, notepad, sticky note, envelope, calendar, planner, card, label, topper, sticker, folder, paper, streamer',
    'plastic, metal':
      'pen, marker, stapler, calculator, punch, clip, tape dispenser, sharpener, staple, laminator, highlighter, mic, drone, flashlight, corkscrew, opener',
    'cotton, knitted, woollen': 'beanie, blanket, throw',
    'cotton, linen':
      'sheet, pillowcase, napkin, tea towel, tablecloth, oven mitt, pot holder, apron, T-shirt, chinos, shorts, towel',
    'canvas, leather': 'tote bag, tote',
    'ceramic, stone': 'planter pot, mortar',
    'plush, knitted, felt': 'teddy, doll, puppet, stuffed animal',
    'rubber, plastic':
      'balloon, beach ball, tennis ball, golf ball, bowling ball, soccer ball, volleyball, baseball, ball, puck, frisbee, ping-pong ball, shuttlecock, tire, hose',
    '': 'wallpaper, bubble wrap, tape, sleeping bag, mattress, garland, wreath, plant, reed, gum, pad, glue, paint, paste, film, map, skein, yarn, noodle, slime, clay, balloon arch, strip, mirror, igloo, yurt, tepee, tent, snowman, jack-o’-lantern, scarecrow, solar array, wind turbine, spider web, nest, pyramid tent, umbrella, kite, raincoat, ship, submarine, aircraft carrier, warship, ocean liner, dinghy, raft, toilet tissue, gem, pearl, coin, diamond, light bulb, candle, chandelier, soap, lipstick, newspaper, magazine, comic book, envelope, stamp, jigsaw puzzle, playing card, bandage, ruin, chandelier, sponge, traffic light, television, computer, laptop, microphone, battery, solar panel, hovercraft, barge, tugboat, icebreaker',
  }).flatMap(([materials, names]) =>
    names === '' ? [] : names.split(', ').map((name) => [name, split(materials)] as const),
  ),
);
