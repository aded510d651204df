/** Starts the page. */
import './playground.ts';
