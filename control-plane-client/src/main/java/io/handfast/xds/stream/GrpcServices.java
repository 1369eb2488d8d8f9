package io.handfast.xds.stream;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.GrpcService.EnvoyGrpc;
import io.envoyproxy.envoy.config.core.v3.GrpcService.GoogleGrpc;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ManagedChannelProvider.ProviderNotFoundException;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.TlsChannelCredentials;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Envoy's {@code GrpcService} as a server of a client. Reads files: not for an event loop. */
final class GrpcServices {

  /** Bound of a response (P1); Envoy's and gRPC's xDS clients have none or this one. */
  static final int MAX_MESSAGE_BYTES = 64 << 20;

  private static final String KEEPALIVE_ARG = "grpc.keepalive_time_ms";
  private static final String KEEPALIVE_TIMEOUT_ARG = "grpc.keepalive_timeout_ms";

  private GrpcServices() {}

  static <Q extends Message, R extends Message> Optional<XdsClient.Server> server(
      GrpcService service,
      MethodDescriptor<Q, R> method,
      String path,
      ClusterChannels clusters,
      ConfigErrors errors) {
    Metadata headers = headers(service, path, errors);
    Optional<Way> way =
        switch (service.getTargetSpecifierCase()) {
          case ENVOY_GRPC ->
              ofCluster(service.getEnvoyGrpc(), path + ".envoy_grpc", clusters, errors);
          case GOOGLE_GRPC -> ofTarget(service.getGoogleGrpc(), path + ".google_grpc", errors);
          case TARGETSPECIFIER_NOT_SET -> {
            errors.add(path, "no target (expected: envoy_grpc or google_grpc)");
            yield Optional.empty();
          }
        };
    String name =
        service.hasEnvoyGrpc()
            ? service.getEnvoyGrpc().getClusterName()
            : service.getGoogleGrpc().getTargetUri();
    return way.map(it ->
        new XdsClient.Server(
            name,
            () -> new GrpcWire<>(it.channels().get(), method, () -> copy(headers)),
            it.liveness().connectTimeout()));
  }

  /** How a server is reached. */
  private record Way(Supplier<List<ManagedChannel>> channels, Liveness liveness) {}

  private static Metadata copy(Metadata headers) {
    Metadata copy = new Metadata();
    copy.merge(headers);
    return copy;
  }

  private static Metadata headers(GrpcService service, String path, ConfigErrors errors) {
    Metadata headers = new Metadata();
    for (int i = 0; i < service.getInitialMetadataCount(); i++) {
      HeaderValue header = service.getInitialMetadata(i);
      try {
        if (header.getKey().endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
          headers.put(
              Metadata.Key.of(header.getKey(), Metadata.BINARY_BYTE_MARSHALLER),
              header.getRawValue().toByteArray());
        } else {
          headers.put(
              Metadata.Key.of(header.getKey(), Metadata.ASCII_STRING_MARSHALLER),
              header.getValue());
        }
      } catch (IllegalArgumentException e) {
        errors.add(
            path + ".initial_metadata[" + i + "].key", header.getKey(), "a name of gRPC metadata");
      }
    }
    return headers;
  }

  private static Optional<Way> ofCluster(
      EnvoyGrpc service, String path, ClusterChannels clusters, ConfigErrors errors) {
    String cluster = service.getClusterName();
    if (service.hasRetryPolicy()) {
      errors.add(path + ".retry_policy", "is not supported (expected: not set)");
    }
    Optional<ConfigError> problem = clusters.problem(cluster);
    if (problem.isPresent()) {
      errors.addAll(List.of(problem.get()));
      return Optional.empty();
    }
    if (clusters.builders(cluster).isEmpty()) {
      errors.add(
          path + ".cluster_name", cluster, "a cluster of static_resources that has endpoints");
      return Optional.empty();
    }
    int limit =
        service.hasMaxReceiveMessageLength() && service.getMaxReceiveMessageLength().getValue() > 0
            ? service.getMaxReceiveMessageLength().getValue()
            : MAX_MESSAGE_BYTES;
    Liveness liveness = clusters.liveness(cluster);
    Supplier<List<ManagedChannel>> channels =
        () ->
            clusters.builders(cluster).stream()
                .map(builder -> {
                  if (!service.getAuthority().isEmpty()) {
                    builder.overrideAuthority(service.getAuthority());
                  }
                  return build(builder, limit, liveness);
                })
                .toList();
    return Optional.of(new Way(channels, liveness));
  }

  private static Optional<Way> ofTarget(GoogleGrpc service, String path, ConfigErrors errors) {
    refuse(
        !service.getCredentialsFactoryName().isEmpty(), path + ".credentials_factory_name", errors);
    refuse(service.getCallCredentialsCount() > 0, path + ".call_credentials", errors);
    refuse(service.hasConfig(), path + ".config", errors);
    Map<String, GoogleGrpc.ChannelArgs.Value> args = service.getChannelArgs().getArgsMap();
    Liveness otherwise = Liveness.DEFAULT;
    Liveness liveness =
        new Liveness(
            otherwise.connectTimeout(),
            millis(args, KEEPALIVE_ARG, otherwise.keepalive(), path, errors),
            millis(args, KEEPALIVE_TIMEOUT_ARG, otherwise.keepaliveTimeout(), path, errors));
    Optional<ChannelCredentials> credentials =
        credentials(service.getChannelCredentials(), path + ".channel_credentials", errors);
    if (credentials.isEmpty()) {
      return Optional.empty();
    }
    String target = service.getTargetUri();
    try {
      // Whether certificates and keys can be used shows here.
      Grpc.newChannelBuilder(target, credentials.get());
    } catch (ProviderNotFoundException | IllegalArgumentException e) {
      errors.add(
          path,
          target
              + ": "
              + e.getMessage()
              + " (expected: host:port, dns:///host:port or"
              + " unix:/path, and credentials that can be used)");
      return Optional.empty();
    }
    Supplier<List<ManagedChannel>> channels =
        () ->
            List.of(
                build(
                    Grpc.newChannelBuilder(target, credentials.get()),
                    MAX_MESSAGE_BYTES,
                    liveness));
    return Optional.of(new Way(channels, liveness));
  }

  private static ManagedChannel build(
      ManagedChannelBuilder<?> builder, int limit, Liveness liveness) {
    return builder
        .maxInboundMessageSize(limit)
        .keepAliveTime(liveness.keepalive().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(liveness.keepaliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
        // Whether and when to try again is decided above the channel.
        .disableRetry()
        .build();
  }

  private static void refuse(boolean set, String path, ConfigErrors errors) {
    if (set) {
      errors.add(path, "is not supported (expected: not set)");
    }
  }

  private static Duration millis(
      Map<String, GoogleGrpc.ChannelArgs.Value> args,
      String key,
      Duration otherwise,
      String path,
      ConfigErrors errors) {
    GoogleGrpc.ChannelArgs.Value value = args.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value.getIntValue() <= 0) {
      errors.add(
          path + ".channel_args.args[\"" + key + "\"].int_value",
          value.getIntValue(),
          "> 0 milliseconds");
      return otherwise;
    }
    return Duration.ofMillis(value.getIntValue());
  }

  private static Optional<ChannelCredentials> credentials(
      GoogleGrpc.ChannelCredentials credentials, String path, ConfigErrors errors) {
    return switch (credentials.getCredentialSpecifierCase()) {
      case SSL_CREDENTIALS ->
          tls(credentials.getSslCredentials(), path + ".ssl_credentials", errors);
      case LOCAL_CREDENTIALS, CREDENTIALSPECIFIER_NOT_SET ->
          Optional.of(InsecureChannelCredentials.create());
      case GOOGLE_DEFAULT -> {
        errors.add(
            path + ".google_default",
            "is not supported (expected: ssl_credentials or local_credentials)");
        yield Optional.empty();
      }
    };
  }

  private static Optional<ChannelCredentials> tls(
      GoogleGrpc.SslCredentials credentials, String path, ConfigErrors errors) {
    TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
    if (credentials.hasPrivateKey() != credentials.hasCertChain()) {
      errors.add(
          path + (credentials.hasPrivateKey() ? ".cert_chain" : ".private_key"),
          "missing (expected: private_key and cert_chain, or neither)");
      return Optional.empty();
    }
    try {
      Optional<ByteString> roots =
          credentials.hasRootCerts()
              ? read(credentials.getRootCerts(), path + ".root_certs", errors)
              : Optional.empty();
      if (roots.isPresent()) {
        builder.trustManager(roots.get().newInput());
      }
      Optional<ByteString> key =
          credentials.hasPrivateKey()
              ? read(credentials.getPrivateKey(), path + ".private_key", errors)
              : Optional.empty();
      Optional<ByteString> chain =
          credentials.hasCertChain()
              ? read(credentials.getCertChain(), path + ".cert_chain", errors)
              : Optional.empty();
      if (key.isPresent() && chain.isPresent()) {
        builder.keyManager(chain.get().newInput(), key.get().newInput());
      }
      return errors.isEmpty() ? Optional.of(builder.build()) : Optional.empty();
    } catch (IOException e) {
      errors.add(path, e.getMessage() + " (expected: PEM)");
      return Optional.empty();
    }
  }

  private static Optional<ByteString> read(DataSource source, String path, ConfigErrors errors) {
    return switch (source.getSpecifierCase()) {
      case INLINE_BYTES -> Optional.of(source.getInlineBytes());
      case INLINE_STRING -> Optional.of(source.getInlineStringBytes());
      case FILENAME -> readFile(source.getFilename(), path + ".filename", errors);
      case ENVIRONMENT_VARIABLE -> {
        String value = System.getenv(source.getEnvironmentVariable());
        if (value == null) {
          errors.add(
              path + ".environment_variable",
              source.getEnvironmentVariable(),
              "a variable that is set");
        }
        yield Optional.ofNullable(value).map(ByteString::copyFromUtf8);
      }
      case SPECIFIER_NOT_SET -> {
        errors.add(path, "nothing (expected: filename, inline_bytes or inline_string)");
        yield Optional.empty();
      }
    };
  }

  private static Optional<ByteString> readFile(String file, String path, ConfigErrors errors) {
    try {
      return Optional.of(ByteString.copyFrom(Files.readAllBytes(Path.of(file))));
    } catch (IOException | InvalidPathException e) {
      errors.add(path, file, "a file that can be read");
      return Optional.empty();
    }
  }
}
