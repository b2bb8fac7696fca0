/** A name in its spelling with single spaces for underscores: `Concert_hall`, `head of a  crocodile`. */
export const plainName = (name: string): string => name.replace(/[_\s]+/g, ' ').trim();
