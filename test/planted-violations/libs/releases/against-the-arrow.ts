import { delivery } from '#libs/delivery/thing.js'; // breaks: arrows-of-releases

export const seen = delivery;
