import sharp from 'sharp';

// libvips can open far more than pictures: SVG (270 bytes that take gigabytes), PDF, its own formats, what ImageMagick knows. Of all its
// loaders only these are let in, and only for bytes in memory; this holds for the whole process, in all of its threads.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`),
});

/** The one way to sharp for bytes that others wrote. */
export { sharp };
