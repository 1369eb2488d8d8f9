package io.handfast.tx.grpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.port.Peer;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Whom the certificate at the other end of a connection names: read once for each connection that
 * comes in. Stateless.
 */
final class PeerNames {
  /** Kinds of {@code GeneralName}, RFC 5280 section 4.2.1.6. */
  private static final int DNS_NAME = 2;

  private static final int UNIFORM_RESOURCE_IDENTIFIER = 6;

  private static final Peer UNPROVED = new Peer.Unproved();
  private static final Peer NAMELESS = new Peer.Proved(Set.of());
  private static final Attributes.Key<Peer> ATTRIBUTE = Attributes.Key.create("handfast-peer");
  private static final Context.Key<Peer> CONTEXT = Context.key("handfast-peer");

  private PeerNames() {}

  /** Reads the names when a connection has shaken hands. */
  static final class OnConnection extends ServerTransportFilter {
    @Override
    public Attributes transportReady(Attributes attributes) {
      return attributes.toBuilder().set(ATTRIBUTE, of(attributes, true)).build();
    }
  }

  /** Hands them to the service. */
  static final class OnCall implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      Peer peer = call.getAttributes().get(ATTRIBUTE);
      Context context = Context.current().withValue(CONTEXT, peer == null ? NAMELESS : peer);
      return Contexts.interceptCall(context, call, headers, next);
    }
  }

  /** Of the call that is served on this thread. */
  static Peer ofCall() {
    Peer peer = CONTEXT.get();
    return peer == null ? UNPROVED : peer;
  }

  /**
   * Of a connection.
   *
   * @param mutual whether the other side must prove who it is
   */
  static Peer of(Attributes connection, boolean mutual) {
    if (!mutual) {
      return UNPROVED;
    }
    SSLSession session = connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    return session == null ? NAMELESS : new Peer.Proved(names(session));
  }

  /** What cannot be read names nobody. */
  private static Set<PeerIdentity> names(SSLSession session) {
    Set<PeerIdentity> names = new HashSet<>();
    try {
      Certificate[] chain = session.getPeerCertificates();
      if (chain.length > 0 && chain[0] instanceof X509Certificate leaf) {
        Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
        for (List<?> name : alternatives == null ? List.<List<?>>of() : alternatives) {
          PeerIdentity identity = identity(name);
          if (identity != null) {
            names.add(identity);
          }
        }
      }
    } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
      return Set.of();
    }
    return names;
  }

  private static @Nullable PeerIdentity identity(List<?> name) {
    if (!(name.get(0) instanceof Integer kind) || !(name.get(1) instanceof String text)) {
      return null;
    }
    return switch (kind) {
      case DNS_NAME -> PeerIdentity.ofDnsName(text);
      case UNIFORM_RESOURCE_IDENTIFIER -> PeerIdentity.ofUri(text);
      default -> null;
    };
  }
}
