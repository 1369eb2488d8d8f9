BEGIN; UPDATE accounts SET balance = balance + 1 WHERE id = 1 /*traceparent='00-0af7651916cd43dd8448eb211c80319c-332482561c62c98f-00',tracestate='hf%3D0199a3c1b2d47e7e8c1db7ad6b716920-b7ad6b7169203331'*/; COMMIT;
START TRANSACTION;
COPY bookings FROM STDIN /*tracestate='hf%3D0199a3c1b2d47e7e8c1db7ad6b716920-b7ad6b7169203331'*/;
psql
\.
UPDATE accounts SET balance = balance + 1 WHERE id = 1; -- of the block, by the statement before
END WORK;
BEGIN; UPDATE accounts SET balance = 0 WHERE id = 1 /*tracestate='hf%3D0199a3c1b2d47e7e8c1db7ad6b716920-b7ad6b7169203331'*/; ROLLBACK;
