import type { z } from 'zod';
import { FaultPlan, GatewayStats } from '../gateway/protocol.js';

/** Directs the gateway: its faults, and what it is doing right now. */
export class GatewayControl {
  constructor(private readonly url: string) {}

  /** Switches faults on; those left out are off. */
  async faults(plan: z.input<typeof FaultPlan>): Promise<void> {
    const response = await fetch(`${this.url}/admin/faults`, {
      method: 'PUT',
      body: JSON.stringify(FaultPlan.parse(plan)),
    });
    if (!response.ok) throw new Error(`The gateway refused the faults: ${await response.text()}`);
  }

  /** What the gateway is doing. */
  async stats(): Promise<GatewayStats> {
    return GatewayStats.parse(await (await fetch(`${this.url}/admin/stats`)).json());
  }
}
