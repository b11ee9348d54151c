import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Headers,
  Param,
  Post,
  Res,
} from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Database } from '../database/database.js';
import { OrderNotFoundError } from '../orders/errors.js';
import { OrderIntake } from '../orders/intake.js';
import { type Order, readOrder } from '../orders/order.js';
import { OrderRequest } from '../orders/order-request.js';

/** The orders API. */
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly intake: OrderIntake,
    private readonly db: Database,
  ) {}

  /**
   * Takes an order. Its id is in the body or in `Idempotency-Key`. 201 for a new order, 200 for the same again, 409 when
   * the id was used for another order.
   */
  @Post()
  async place(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Order> {
    const { order, created } = await this.intake.place(parseRequest(body, key));
    response.status(created ? 201 : 200);
    return order;
  }

  /** Gives an order as it stands. */
  @Get(':id')
  async find(@Param('id') id: string): Promise<Order> {
    const record = await readOrder(this.db, id);
    if (record === undefined) throw new OrderNotFoundError(id);
    return record.order;
  }
}

function parseRequest(body: unknown, key: string | undefined): OrderRequest {
  if (typeof body !== 'object' || body === null) {
    throw new BadRequestException('Expected an order as a JSON object.');
  }
  if (key !== undefined && 'id' in body && body.id !== key) {
    throw new BadRequestException('Idempotency-Key and the id in the body name different orders.');
  }
  const { success, data, error } = OrderRequest.safeParse({
    ...(key === undefined ? {} : { id: key }),
    ...body,
  });
  if (success) return data;
  throw new BadRequestException(z.prettifyError(error));
}
