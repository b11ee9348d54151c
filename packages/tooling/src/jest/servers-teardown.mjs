import { stopServers } from './servers-setup.mjs';

export default stopServers;
