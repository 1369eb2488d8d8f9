package io.handfast.proxy.listener;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** ClientHellos of the JDK's TLS, and what can be made of them. */
final class Hellos {
  private static final int RECORD_HEADER = 5;

  private Hellos() {}

  /**
   * As the JDK sends it.
   *
   * @param server empty for none
   */
  static byte[] of(String server, String... protocols) {
    try {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine();
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setServerNames(server.isEmpty() ? List.of() : List.of(new SNIHostName(server)));
      parameters.setApplicationProtocols(protocols);
      engine.setSSLParameters(parameters);
      ByteBuffer out = ByteBuffer.allocate(32 * 1024);
      engine.wrap(ByteBuffer.allocate(0), out);
      out.flip();
      byte[] hello = new byte[out.remaining()];
      out.get(hello);
      return hello;
    } catch (GeneralSecurityException | SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same in records of that many bytes. */
  static byte[] inRecords(byte[] hello, int size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = RECORD_HEADER; at < hello.length; at += size) {
      int length = Math.min(size, hello.length - at);
      out.writeBytes(new byte[] {22, 3, 1, (byte) (length >> 8), (byte) length});
      out.write(hello, at, length);
    }
    return out.toByteArray();
  }

  /** So many bytes of a hello that is just longer than what is read of one. */
  static byte[] endless(int bytes) {
    int length = ClientHello.MAX_BYTES - 9;
    byte[] hello = new byte[RECORD_HEADER + 4 + length];
    hello[RECORD_HEADER] = 1;
    hello[RECORD_HEADER + 2] = (byte) (length >> 8);
    hello[RECORD_HEADER + 3] = (byte) length;
    return Arrays.copyOf(inRecords(hello, 8192), bytes);
  }
}
