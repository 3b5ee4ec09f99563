/** The ninth attribute would move an object's attributes to a fractal heap, which old readers handle badly. */
export const maxAttributes = 8
