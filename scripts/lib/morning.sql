-- SPDX-License-Identifier: Apache-2.0
-- A few transactions on the shop, so that Afterimage has a history to show after the first copy.
SET NAMES utf8mb4;

START TRANSACTION;
INSERT INTO orders (customer_id, status, placed_at) VALUES (17, 'new', '2026-01-05 09:12:00.250');
SET @order = LAST_INSERT_ID();
INSERT INTO order_lines (order_id, line_no, product_id, quantity, unit_price)
SELECT @order, 1, id, 2, price FROM products WHERE id = 1;
INSERT INTO order_lines (order_id, line_no, product_id, quantity, unit_price)
SELECT @order, 2, id, 1, price FROM products WHERE id = 42;
UPDATE products SET stock = stock - 2 WHERE id = 1;
UPDATE products SET stock = stock - 1 WHERE id = 42;
COMMIT;

UPDATE products SET price = price + 1.50 WHERE id = 1;

UPDATE customers SET city = 'Genève', note = 'moved' WHERE id = 17;

UPDATE orders SET status = 'paid' WHERE id = @order;
