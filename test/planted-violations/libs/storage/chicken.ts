import { type Egg } from './egg.js'; // breaks: no-cycles

export interface Chicken {
  readonly lays: Egg;
}
