/** Starts the page. */
import { keepOffline } from './offline.ts';
import './shell.ts';

keepOffline(new URL('.', document.baseURI).href);
