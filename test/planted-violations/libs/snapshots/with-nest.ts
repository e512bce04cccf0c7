import { Inject } from '@nestjs/common'; // breaks: frameworks-at-the-edges

export const seen = Inject;
