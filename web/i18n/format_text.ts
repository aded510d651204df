/** What the page says of one format. */
export interface FormatText {
  /** In the menu, and over the lane unless there is a title. */
  name: string;
  /** Over the lane, for formats of which one chooses the bits. */
  title?: (bits: string) => string;
  /** One sentence: what is stored, what it is for, who uses it. */
  about: string;
}
