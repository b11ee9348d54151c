import { Bulletproof } from '@bulletproof/core';
import { Inject } from '@nestjs/common';

/** Injects the application's `Bulletproof`; the same as asking for it by its class. */
export function InjectBulletproof(): ParameterDecorator & PropertyDecorator {
  return Inject(Bulletproof);
}
