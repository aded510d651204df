/** The part of Observable Plot that the chart needs: what is not named here is not sent. */
export { dot, gridY, line, plot, ruleX, text } from '@observablehq/plot';
