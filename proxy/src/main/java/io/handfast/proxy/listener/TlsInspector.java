package io.handfast.proxy.listener;

import io.handfast.proxy.stats.InspectorStats;
import io.netty.buffer.ByteBuf;

/**
 * {@code tls_inspector}: whether a connection begins with TLS, for which server, with which
 * protocols. Confined to the connection's loop.
 */
final class TlsInspector implements Inspector {
  private final ClientHello hello = new ClientHello();
  private final Findings findings;
  private final InspectorStats stats;

  TlsInspector(Findings findings, InspectorStats stats) {
    this.findings = findings;
    this.stats = stats;
  }

  @Override
  public Verdict inspect(ByteBuf begin) {
    ClientHello.State state = hello.read(begin);
    if (state != ClientHello.State.PARTIAL) {
      stats.bytesProcessed.record(hello.bytes());
    }
    return switch (state) {
      case PARTIAL -> Verdict.MORE;
      case COMPLETE -> {
        found();
        yield Verdict.DONE;
      }
      case NOT_TLS -> {
        stats.tlsNotFound.inc();
        yield Verdict.DONE;
      }
      case TOO_LARGE -> {
        stats.clientHelloTooLarge.inc();
        yield Verdict.REFUSED;
      }
    };
  }

  private void found() {
    stats.tlsFound.inc();
    (hello.serverName().isEmpty() ? stats.sniNotFound : stats.sniFound).inc();
    (hello.applicationProtocols().isEmpty() ? stats.alpnNotFound : stats.alpnFound).inc();
    findings.isTls(hello.serverName(), hello.applicationProtocols());
  }
}
