-- SPDX-License-Identifier: Apache-2.0
-- The shop that scripts/up puts on its private primary: 10,000 rows that are the same on every machine.
-- Needs MariaDB (tables seq_1_to_n).
DROP DATABASE IF EXISTS shop;
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE shop;

CREATE TABLE customers (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(80) NOT NULL,
    email VARCHAR(120) NOT NULL,
    city VARCHAR(60) NOT NULL,
    note TEXT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY email (email),
    KEY city (city)
) ENGINE = InnoDB;

CREATE TABLE products (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    sku CHAR(8) NOT NULL,
    name VARCHAR(80) NOT NULL,
    price DECIMAL(10,2) NOT NULL,
    stock INT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY sku (sku)
) ENGINE = InnoDB;

CREATE TABLE orders (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    customer_id INT UNSIGNED NOT NULL,
    status ENUM('new','paid','shipped','returned') NOT NULL DEFAULT 'new',
    placed_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY placed_at (placed_at),
    CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
) ENGINE = InnoDB;

CREATE TABLE order_lines (
    order_id INT UNSIGNED NOT NULL,
    line_no TINYINT UNSIGNED NOT NULL,
    product_id INT UNSIGNED NOT NULL,
    quantity SMALLINT UNSIGNED NOT NULL,
    unit_price DECIMAL(10,2) NOT NULL,
    PRIMARY KEY (order_id, line_no),
    CONSTRAINT lines_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    CONSTRAINT lines_product FOREIGN KEY (product_id) REFERENCES products (id)
) ENGINE = InnoDB;

START TRANSACTION;

INSERT INTO customers (id, name, email, city, note, created_at)
SELECT seq,
       CONCAT(ELT(1 + seq * 7 % 12, 'Ada', 'Björn', 'Chloé', 'Dmitri', 'Elif', 'Femi', 'Grace', 'Hana', 'Inés', 'João',
                  'Kofi', 'Łucja'), ' ',
              ELT(1 + seq * 5 % 11, 'Abe', 'Berg', 'Castro', 'Duarte', 'Eze', 'Fischer', 'Grant', 'Haddad', 'Ito', 'Jansen',
                  'Kowalska')),
       CONCAT('customer', seq, '@example.com'),
       ELT(1 + seq * 3 % 9, 'Accra', 'Berlin', 'Caracas', 'Delhi', 'Évora', 'Fukuoka', 'Gdańsk', 'Hanoi', 'İzmir'),
       IF(seq % 5 = 0, CONCAT('met at fair ', 2015 + seq % 9), NULL),
       '2024-01-01 08:00:00' + INTERVAL seq * 373 MINUTE
FROM seq_1_to_1200;

INSERT INTO products (id, sku, name, price, stock)
SELECT seq, CONCAT('SKU', LPAD(seq, 5, '0')),
       CONCAT(ELT(1 + seq * 5 % 8, 'oak', 'steel', 'linen', 'glass', 'clay', 'cork', 'brass', 'wool'), ' ',
              ELT(1 + seq * 3 % 10, 'lamp', 'chair', 'bowl', 'shelf', 'kettle', 'rug', 'clock', 'vase', 'stool', 'tray')),
       2.50 + seq * 37 % 190 + seq % 4 * 0.25,
       20 + seq * 13 % 180
FROM seq_1_to_400;

INSERT INTO orders (id, customer_id, status, placed_at)
SELECT seq, 1 + seq * 17 % 1200, ELT(1 + seq % 10 DIV 3, 'shipped', 'shipped', 'paid', 'returned'),
       '2025-01-01 00:00:00' + INTERVAL seq * 187 MINUTE + INTERVAL seq * 7001 % 1000 * 1000 MICROSECOND
FROM seq_1_to_2800;

-- One to three lines an order, two on average.
INSERT INTO order_lines (order_id, line_no, product_id, quantity, unit_price)
SELECT o.id, n.seq, p.id, 1 + (o.id + n.seq) % 4, p.price
FROM orders o
JOIN seq_1_to_3 n ON n.seq <= IF(o.id % 2 = 0, 2, o.id % 4)
JOIN products p ON p.id = 1 + (o.id * 11 + n.seq * 101) % 400
ORDER BY o.id, n.seq;

COMMIT;
