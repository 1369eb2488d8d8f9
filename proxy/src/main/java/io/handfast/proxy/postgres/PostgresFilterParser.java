package io.handfast.proxy.postgres;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.compile.tls.Secrets;
import io.handfast.proxy.config.compile.tls.TlsContextCompiler;
import io.handfast.proxy.config.extension.NetworkFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.Alpn;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.transaction.v1.PostgresTransaction;
import io.handfast.xds.resource.MessageNames;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parses the network filter {@code handfast.postgres_transaction}. Immutable. */
public final class PostgresFilterParser implements NetworkFilterParser {
  private static final String TLS_EXPECTED =
      "a "
          + MessageNames.of(DownstreamTlsContext.getDefaultInstance())
          + " with a certificate in files or inline";

  @Override
  public Message type() {
    return PostgresTransaction.getDefaultInstance();
  }

  @Override
  public @Nullable NetworkFilterConfig parse(
      Message config, Surroundings surroundings, Scope scope) {
    PostgresTransaction proto = (PostgresTransaction) config;
    boolean sound = true;
    if (proto.getStatPrefix().isEmpty()) {
      scope.field("stat_prefix").error("missing (expected: a prefix of its statistics)");
      sound = false;
    }
    if (proto.getDatabase().isEmpty()) {
      scope
          .field("database")
          .error("missing (expected: one of the databases of handfast.transaction_manager)");
      sound = false;
    }
    boolean mandatory =
        switch (proto.getPropagation()) {
          case MANDATORY -> true;
          case PROPAGATION_UNSPECIFIED, SUPPORTS -> false;
          case REQUIRED, REQUIRES_NEW, NOT_SUPPORTED, NEVER, UNRECOGNIZED -> {
            scope
                .field("propagation")
                .error(
                    proto.getPropagation(),
                    "MANDATORY or SUPPORTS: transactions begin at boundary routes");
            sound = false;
            yield false;
          }
        };
    Optional<TlsConfig.Downstream> tls =
        proto.hasTls() ? Optional.ofNullable(tls(proto, scope.field("tls"))) : Optional.empty();
    return sound && tls.isPresent() == proto.hasTls()
        ? new PostgresFilterConfig(proto.getStatPrefix(), proto.getDatabase(), mandatory, tls)
        : null;
  }

  private static TlsConfig.@Nullable Downstream tls(PostgresTransaction proto, Scope scope) {
    if (!proto.getTls().is(DownstreamTlsContext.class)) {
      scope.error(proto.getTls().getTypeUrl(), TLS_EXPECTED);
      return null;
    }
    TlsConfig.Downstream tls;
    try {
      tls =
          TlsContextCompiler.downstream(
              proto.getTls().unpack(DownstreamTlsContext.class), Secrets.NONE, scope);
    } catch (InvalidProtocolBufferException e) {
      scope.error("cannot be read (expected: " + TLS_EXPECTED + ")");
      return null;
    }
    if (tls != null && !tls.common().isComplete()) {
      scope.error("a secret of a control plane (expected: " + TLS_EXPECTED + ")");
      return null;
    }
    return tls == null ? null : tls.offering(List.of(Alpn.POSTGRESQL));
  }
}
