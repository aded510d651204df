/** Starts the page. */
import './shell.ts';
