package io.handfast.xds.tree;

import static io.handfast.xds.resource.ResourceType.LISTENER;
import static io.handfast.xds.resource.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ManualExecutor;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two sources that have a secret of the same name. */
final class SeveralSourcesTest {

  private static final ConfigSource FIRST = path("/first");
  private static final ConfigSource SECOND = path("/second");

  private final ManualExecutor executor = new ManualExecutor();
  private final List<ResourceSet> published = new ArrayList<>();
  private final ResourceTree tree =
      new ResourceTree(
          ResourceSet.of(Bootstrap.getDefaultInstance()),
          ResourceTree.Roots.ofAds(Map.of(LISTENER, Set.of("*"))),
          new ResourceTree.Ports(
              TypeRegistry.of(List.of(DownstreamTlsContext.getDefaultInstance())),
              (type, offered) -> List.of(),
              (source, type, names, timeout) -> {},
              published::add),
          new ResourceTree.Schedule(executor, executor::nanoTime));
  private final ResourceHandler ads = tree.handler(ResourceTree.ADS);
  private final ResourceHandler first = tree.handler(FIRST);
  private final ResourceHandler second = tree.handler(SECOND);

  @Test
  void shouldRefuseTheSecondAndKeepTheFirst() {
    // Given
    tree.start();
    apply(ads, LISTENER, "1", listener("l", FIRST), listener("m", SECOND));
    apply(first, SECRET, "first", secret());

    // When
    List<ResourceFault> faults = apply(second, SECRET, "second", secret());

    // Then
    assertThat(faults)
        .extracting(ResourceFault::toString)
        .containsExactly(
            "secrets[own].name: own (expected: a name of its own; another config source has brought"
                + " one of it)");
    assertThat(version()).isEqualTo("first");

    // And what the second one takes back was never its
    second.apply(update(SECRET, "", List.of("own"))).toCompletableFuture().join();
    assertThat(version()).isEqualTo("first");
  }

  @Test
  void shouldTakeItFromAnotherSourceWhenItIsWantedOfThatOneOnly() {
    // Given
    tree.start();
    apply(ads, LISTENER, "1", listener("l", FIRST));
    apply(first, SECRET, "first", secret());

    // When
    apply(ads, LISTENER, "2", listener("l", SECOND));

    // Then
    assertThat(apply(second, SECRET, "second", tickets())).isEmpty();
    assertThat(version()).isEqualTo("second");
  }

  @Test
  void shouldBeOfTheSourceThatBroughtItLast() {
    // Given
    tree.start();
    apply(ads, LISTENER, "1", listener("l", FIRST));
    apply(first, SECRET, "first", secret());
    apply(ads, LISTENER, "2", listener("l", SECOND));
    apply(second, SECRET, "second", tickets());

    // When
    apply(ads, LISTENER, "3", listener("l", SECOND), listener("m", FIRST));

    // Then
    assertThat(apply(first, SECRET, "first again", secret())).hasSize(1);
    assertThat(apply(second, SECRET, "third", secret())).isEmpty();
    assertThat(version()).isEqualTo("third");
  }

  private String version() {
    return published.getLast().find(SECRET, "own").map(Offered::version).orElse("none");
  }

  private static List<ResourceFault> apply(
      ResourceHandler handler, ResourceType<?> type, String version, Message... resources) {
    return handler.apply(update(type, version, List.of(), resources)).toCompletableFuture().join();
  }

  private static Update update(
      ResourceType<?> type, String version, List<String> removed, Message... resources) {
    return new Update(
        type,
        1,
        "n",
        version,
        Stream.of(resources).map(each -> new Received(type.nameOf(each), version, each)).toList(),
        Set.copyOf(removed),
        List.of(),
        false);
  }

  private static Secret secret() {
    return Secret.newBuilder().setName("own").build();
  }

  private static Secret tickets() {
    return secret().toBuilder()
        .setSessionTicketKeys(Secret.getDefaultInstance().getSessionTicketKeys())
        .build();
  }

  private static Listener listener(String name, ConfigSource source) {
    DownstreamTlsContext.Builder tls = DownstreamTlsContext.newBuilder();
    tls.getCommonTlsContextBuilder()
        .addTlsCertificateSdsSecretConfigsBuilder()
        .setName("own")
        .setSdsConfig(source);
    Listener.Builder listener = Listener.newBuilder().setName(name);
    listener
        .addFilterChainsBuilder()
        .getTransportSocketBuilder()
        .setTypedConfig(Any.pack(tls.build()));
    return listener.build();
  }

  private static ConfigSource path(String path) {
    return ConfigSource.newBuilder()
        .setPathConfigSource(PathConfigSource.newBuilder().setPath(path))
        .build();
  }
}
