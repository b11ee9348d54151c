-- Films on sale, their stock, and the orders.

CREATE TABLE films (
  id          text PRIMARY KEY,
  title       text NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents > 0)
);

CREATE TABLE stock (
  film_id       text PRIMARY KEY REFERENCES films (id),
  initial_units integer NOT NULL CHECK (initial_units >= 0),
  units         integer NOT NULL CHECK (units >= 0)
);

CREATE TABLE orders (
  id           text PRIMARY KEY,                -- given by the client: it names the effect
  customer     text NOT NULL,
  total_cents  integer NOT NULL CHECK (total_cents > 0),
  body_digest  text NOT NULL,                   -- what was ordered under this id, to tell a repeat from a conflict
  status       text NOT NULL DEFAULT 'placed'
               CHECK (status IN ('placed', 'reserved', 'confirmed', 'sold_out', 'refused')),
  charge_id    text,
  placed_at    timestamptz NOT NULL DEFAULT now(),
  reserved_at  timestamptz,                     -- the stock was taken
  processed_at timestamptz,                     -- nothing is left to do
  CHECK ((status = 'confirmed') = (charge_id IS NOT NULL)),
  CHECK ((status IN ('confirmed', 'sold_out', 'refused')) = (processed_at IS NOT NULL))
);

CREATE TABLE order_lines (
  order_id         text NOT NULL REFERENCES orders (id),
  line             integer NOT NULL,
  film_id          text NOT NULL REFERENCES films (id),
  quantity         integer NOT NULL CHECK (quantity > 0),
  unit_price_cents integer NOT NULL CHECK (unit_price_cents > 0),
  PRIMARY KEY (order_id, line)
);

-- What happened to an order, in the transaction in which it happened.
CREATE TABLE audit (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT now(),
  order_id text NOT NULL REFERENCES orders (id),
  event    text NOT NULL,
  detail   jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX audit_by_order ON audit (order_id, id);
