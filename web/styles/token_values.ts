/** Colours, sizes and typefaces as custom properties: they reach into every panel. A lane's colour, the
 * reference's and the error's mean the same in every view. The page around may give values of its own, as
 * `--bitloss-ink`; nothing else of it reaches in. As text, for who has no Lit yet. */
export const TOKENS = `
  :host,
  .root {
    --paper: var(--bitloss-paper, light-dark(#faf9f6, #131416));
    --surface: var(--bitloss-surface, light-dark(#ffffff, #1b1d20));
    --sunken: var(--bitloss-sunken, light-dark(#f2f0eb, #0e0f11));
    --ink: var(--bitloss-ink, light-dark(#1a1b1e, #ececee));
    --muted: var(--bitloss-muted, light-dark(#5c5e66, #a5a8b0));
    --faint: var(--bitloss-faint, light-dark(#6e7078, #8c9099));
    --line: var(--bitloss-line, light-dark(#e5e2db, #2d3035));
    --edge: var(--bitloss-edge, light-dark(#8a867d, #747881));
    --focus: var(--bitloss-focus, light-dark(#1a1b1e, #ececee));
    --track: var(--bitloss-track, light-dark(#ebe8e1, #2a2d32));
    --lane-reference: var(--bitloss-lane-reference, light-dark(#6b6e76, #9da1aa));
    --lane-a: var(--bitloss-lane-a, light-dark(#2b66b8, #7fb0f5));
    --lane-b: var(--bitloss-lane-b, light-dark(#8f6600, #e0b24a));
    --lane-c: var(--bitloss-lane-c, light-dark(#97397a, #e58bc4));
    --lane-d: var(--bitloss-lane-d, light-dark(#0b7690, #5cc9e6));
    --lane-e: var(--bitloss-lane-e, light-dark(#2f7a34, #7fcf82));
    --error: var(--bitloss-error, light-dark(#c02d26, #ff8075));
    --error-wash: var(--bitloss-error-wash, light-dark(#fbe4e1, #43201d));
    --notice-wash: var(--bitloss-notice-wash, light-dark(#f6efd9, #2c2718));
    --radius: var(--bitloss-radius, 14px);
    --radius-small: var(--bitloss-radius-small, 8px);
    --sans: var(--bitloss-font, system-ui, -apple-system, 'Segoe UI', Roboto, 'Apple SD Gothic Neo', 'Noto Sans KR', 'Noto Sans CJK KR', 'Malgun Gothic', sans-serif);
    --mono: var(--bitloss-mono, ui-monospace, 'SF Mono', 'Cascadia Mono', 'JetBrains Mono', Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK KR', monospace);
    --gap: clamp(16px, 2.2cqi, 28px);
    /* What the reader's browser calls medium, as it is measured: the page around may have made 1rem
     * something else. */
    --rem: 16px;
  }
  @media (forced-colors: active) {
    :host,
    .root {
      --paper: Canvas;
      --surface: Canvas;
      --sunken: Canvas;
      --ink: CanvasText;
      --muted: CanvasText;
      --faint: CanvasText;
      --line: CanvasText;
      --edge: CanvasText;
      --focus: Highlight;
      --track: color-mix(in srgb, CanvasText 15%, Canvas);
      --lane-reference: CanvasText;
      --lane-a: CanvasText;
      --lane-b: CanvasText;
      --lane-c: CanvasText;
      --lane-d: CanvasText;
      --lane-e: CanvasText;
      --error: CanvasText;
      --error-wash: Canvas;
      --notice-wash: Canvas;
    }
  }
`;
