/** Names under which a page may style what is inside with `::part()`, through every shadow root. */

/** What a panel hands out: the choice of bits, the size, the verdict, the text, and the reference's lane. */
export const PARTS = 'bits, size, verdict, text, reference';
