// It serves the breaker's decorator too, so it lives in the kernel.
export { type DecoratedMethod, decoratedMethod } from '@bulletproof/kernel';
