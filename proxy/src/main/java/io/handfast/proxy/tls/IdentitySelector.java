package io.handfast.proxy.tls;

import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the certificate that a connection is shown: one for the name that was asked for, else the
 * first, of the kinds of key that the peer knows. An alias is the certificate's position. Immutable
 * and thread-safe.
 */
final class IdentitySelector extends X509ExtendedKeyManager {
  private final List<Identity> identities;

  IdentitySelector(List<Identity> identities) {
    this.identities = List.copyOf(identities);
  }

  /** The selector in the form that contexts are built with. */
  static KeyManagerFactory factory(List<Identity> identities) {
    IdentitySelector selector = new IdentitySelector(identities);
    return new SimpleKeyManagerFactory() {
      @Override
      protected void engineInit(KeyStore store, char[] password) {}

      @Override
      protected void engineInit(ManagerFactoryParameters parameters) {}

      @Override
      protected KeyManager[] engineGetKeyManagers() {
        return new KeyManager[] {selector};
      }
    };
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return choose(keyType, serverName(engine));
  }

  @Nullable String choose(String keyType, @Nullable String serverName) {
    boolean known = identities.stream().anyMatch(identity -> serves(identity, serverName));
    for (int i = 0; i < identities.size(); i++) {
      Identity identity = identities.get(i);
      // For a name that we have, a certificate of another is wrong, whatever its kind of key.
      if (fits(identity, keyType) && (!known || serves(identity, serverName))) {
        return Integer.toString(i);
      }
    }
    return null;
  }

  private static boolean serves(Identity identity, @Nullable String serverName) {
    return serverName != null && identity.serves(serverName);
  }

  private static boolean fits(Identity identity, String keyType) {
    return keyType.equals(identity.keyType()) || keyType.startsWith(identity.keyType() + "_");
  }

  static @Nullable String serverName(SSLEngine engine) {
    return engine.getHandshakeSession() instanceof ExtendedSSLSession session
        ? serverName(session)
        : null;
  }

  /** The name that the client asked for, in lower case as the JDK hands it out. */
  static @Nullable String serverName(ExtendedSSLSession session) {
    for (SNIServerName name : session.getRequestedServerNames()) {
      if (name instanceof SNIHostName host) {
        return host.getAsciiName();
      }
    }
    return null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    return chooseClientAlias(keyTypes, issuers, null);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return Arrays.stream(keyTypes)
        .map(type -> choose(type, null))
        .filter(alias -> alias != null)
        .findFirst()
        .orElse(null);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(keyType, null);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return getServerAliases(keyType, issuers);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = choose(keyType, null);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return identities.get(Integer.parseInt(alias)).chainArray();
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return identities.get(Integer.parseInt(alias)).key();
  }
}
