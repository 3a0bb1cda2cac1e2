-- The tables of Uptime Kuma that hold results, with the columns that version 1 and 2 share.
CREATE TABLE monitor (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(150), active BOOLEAN DEFAULT 1, interval INTEGER DEFAULT 20, url TEXT, type VARCHAR(20));
CREATE TABLE heartbeat (id INTEGER PRIMARY KEY AUTOINCREMENT, important BOOLEAN DEFAULT 0, monitor_id INTEGER REFERENCES monitor (id), status SMALLINT, msg TEXT, time DATETIME, ping INTEGER, duration INTEGER DEFAULT 0);
INSERT INTO monitor (id, name, interval, url, type) VALUES (1, '쇼핑몰 Web', 60, 'https://shop.example', 'http'), (2, 'Printer', 60, NULL, 'ping');
INSERT INTO heartbeat (monitor_id, status, time, ping) VALUES
  (1, 1, '2026-06-01 00:00:00.120', 31), (1, 2, '2026-06-01 00:01:00.090', NULL), (1, 0, '2026-06-01 00:02:00.100', NULL),
  (1, 0, '2026-06-01 00:03:00.110', NULL), (1, 1, '2026-06-01 00:04:00.100', 30), (1, 1, '2026-06-01 00:05:00.100', 30),
  (1, 3, '2026-06-01 00:06:00.100', NULL), (1, 1, '2026-06-01 00:07:00.100', 29), (2, 1, '2026-06-01 00:00:30.000', 2);
