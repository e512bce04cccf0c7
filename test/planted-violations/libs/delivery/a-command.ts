import { commands } from '#libs/commands/thing.js'; // breaks: arrows-of-delivery

export const seen = commands;
