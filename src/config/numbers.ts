import { z } from 'zod';

/** Forms of numbers that settings share. */
export const int = (min: number, max = Number.MAX_SAFE_INTEGER) => z.int().min(min).max(max);
export const positive = z.number().positive();
export const fraction = z.number().min(0).max(1);
export const pair = (min: number, max = Number.MAX_VALUE) =>
  z.tuple([z.number().min(min).max(max), z.number().min(min).max(max)]);
