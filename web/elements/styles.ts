/** Styles of an experiment in a page. What is inherited from that page ends at `.root`. */
import { css } from 'lit';

export const styles = css`
  /* Beside other things it takes the room that is left. */
  :host {
    min-inline-size: 0;
  }
  .root {
    all: initial;
    display: block;
    box-sizing: border-box;
    container-type: inline-size;
    /* Where the page around asks how wide it would like to be. */
    contain-intrinsic-inline-size: 640px;
    direction: ltr;
    unicode-bidi: isolate;
    color-scheme: light dark;
    color: var(--ink);
    font: var(--rem) / 1.5 var(--sans);
    word-break: keep-all;
    overflow-wrap: break-word;
    -webkit-text-size-adjust: 100%;
    text-size-adjust: 100%;
    --between: clamp(24px, 3.4cqi, 44px);
  }
  .root[data-theme='light'] {
    color-scheme: light;
  }
  .root[data-theme='dark'] {
    color-scheme: dark;
  }
  .root.framed {
    min-height: 560px;
    padding: 16px;
    border-radius: var(--radius);
    background: var(--paper);
  }
  /* The stage has a frame of its own. */
  .root.framed:has(> .stage:only-of-type) {
    padding: 0;
  }
  .root.scrolls {
    min-height: 0;
    overflow: auto;
  }
  .medium {
    position: absolute;
    font-size: medium;
  }
  section {
    display: block;
    margin-bottom: var(--between);
  }
  .framed > section:last-of-type {
    margin-bottom: 0;
  }
  bitloss-model {
    display: block;
  }
  .box {
    padding: clamp(16px, 2cqi, 24px);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }
  /* The text belongs to the lanes above it. */
  section.lanes + section.text {
    margin-top: calc(16px - var(--between));
  }
  .box + bitloss-source {
    margin-top: 18px;
  }
  .links {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 16px;
    margin-bottom: 20px;
  }
  .unsupported {
    margin-bottom: 20px;
  }
`;
