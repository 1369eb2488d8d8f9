BEGIN;
INSERT INTO bookings VALUES ('pgbench') /*traceparent='00-0af7651916cd43dd8448eb211c80319c-332482561c62c98f-03',tracestate='hf%3D0199a3c1b2d47e7e8c1db7ad6b716920-b7ad6b7169203331'*/;
END;
