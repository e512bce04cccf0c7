import { everything } from './index.js'; // breaks: no-barrels

export const seen = everything;
