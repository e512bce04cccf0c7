import fastGlob from 'rxjs'; // breaks: no-undeclared-packages frameworks-at-the-edges

export const seen = fastGlob;
