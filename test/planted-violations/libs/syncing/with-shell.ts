import { exec } from 'node:child_process'; // breaks: sdks-behind-adapters

export const seen = exec;
