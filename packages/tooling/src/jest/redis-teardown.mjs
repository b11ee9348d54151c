import { stopRedis } from './redis-setup.mjs';

export default stopRedis;
