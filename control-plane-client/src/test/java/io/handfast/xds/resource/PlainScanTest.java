package io.handfast.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.pgv.validate.Validate;
import io.handfast.xds.RandomMessages;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is not walked, because its bytes are plain, is held against the walk. */
final class PlainScanTest {

  private static final int MESSAGES = 3_000;

  private static final FieldTable TABLE =
      FieldTable.parse(
          """
          envoy.config.cluster.v3.**
          envoy.config.endpoint.v3.**
          envoy.config.listener.v3.**
          envoy.config.route.v3.**
          envoy.config.core.v3.**
          envoy.type.v3.**
          envoy.type.matcher.v3.**
          envoy.extensions.filters.http.router.v3.**
          envoy.extensions.filters.network.http_connection_manager.v3.**
          envoy.extensions.transport_sockets.tls.v3.**
          envoy.config.cluster.v3.Cluster
            name             honoured
            alt_stat_name    observed
            type             honoured(STATIC|EDS)
            dns_lookup_family  refused
            load_assignment  honoured
            connect_timeout  honoured
            metadata         honoured
            circuit_breakers  honoured
            typed_extension_protocol_options  honoured
            transport_socket  honoured
            per_connection_buffer_limit_bytes  honoured(1|80)
          """);
  private static final List<Message> ROOTS =
      List.of(
          Cluster.getDefaultInstance(),
          ClusterLoadAssignment.getDefaultInstance(),
          Listener.getDefaultInstance(),
          RouteConfiguration.getDefaultInstance());
  private static final List<Message> IN_ANYS =
      List.of(
          Router.getDefaultInstance(),
          HttpConnectionManager.getDefaultInstance(),
          UpstreamTlsContext.getDefaultInstance(),
          com.google.protobuf.StringValue.getDefaultInstance());
  private static final TypeRegistry TYPES = TypeRegistry.of(IN_ANYS);

  private static final PlainScan SCAN = new PlainScan(TABLE, TYPES);

  /** By a table without any message: everything is walked. */
  private static final PlainScan NEVER_PLAIN = new PlainScan(FieldTable.parse(""), TYPES);

  /** What there is to say of a message. */
  private record Said(List<ConfigError> errors, List<String> observed) {}

  @ParameterizedTest
  @CsvSource({"2, 10", "4, 200", "12, 750", "40, 1000"})
  void shouldSayTheSameAsTheWalkWhenFieldsAreSetAtRandom(int rarity, int fewestPlain) {
    Map<Boolean, Integer> plain = new HashMap<>();
    for (int seed = 0; seed < MESSAGES; seed++) {
      // When
      RandomMessages random = new RandomMessages(seed, IN_ANYS, rarity);
      Message message = random.next(ROOTS.get(seed % ROOTS.size()));

      // Then
      plain.merge(assertSame(message, "seed " + seed), 1, Integer::sum);
    }
    assertThat(plain.getOrDefault(true, 0)).as("plain messages").isGreaterThan(fewestPlain);
    assertThat(plain.get(false)).as("messages to walk").isGreaterThan(MESSAGES / 4);
  }

  @Test
  void shouldSayTheSameAsTheWalkWhenBytesAreDamaged() {
    Map<Boolean, Integer> plain = new HashMap<>();
    for (int seed = 0; seed < 6 * MESSAGES; seed++) {
      // Given
      RandomMessages random = new RandomMessages(seed, IN_ANYS, 30);
      Message instance = ROOTS.get(seed % 2);
      Message good = seed % 2 == 0 ? cluster(seed) : cluster(seed).getLoadAssignment();
      try {
        // When
        Message message =
            instance
                .getParserForType()
                .parseFrom(
                    random.damaged(good.toByteString()), ExtensionRegistry.getEmptyRegistry());

        // Then
        plain.merge(assertSame(message, "seed " + seed), 1, Integer::sum);
      } catch (InvalidProtocolBufferException e) {
        plain.putIfAbsent(false, 0); // nobody would be asked
      }
    }
    assertThat(plain.get(true)).as("plain messages").isGreaterThan(MESSAGES / 4);
    assertThat(plain.get(false)).as("messages to walk").isGreaterThan(MESSAGES / 4);
  }

  @Test
  void shouldNotWalkAClusterWhenAllThatIsSetIsHonoured() {
    assertThat(SCAN.isPlain(cluster(1), 0)).isTrue();
  }

  /** The parser counts what is in a struct and what the struct is in together. */
  @Test
  void shouldWalkAnAnyWhenItsStructIsTooDeepForTheParser() {
    // Given
    Cluster flat = withStruct(5);
    Cluster deep = withStruct(48);

    // Then
    assertThat(said(flat, NEVER_PLAIN).errors()).isEmpty();
    assertThat(assertSame(flat, "flat")).isTrue();
    assertThat(said(deep, NEVER_PLAIN).errors()).hasSize(1);
    assertThat(assertSame(deep, "deep")).isFalse();
  }

  private static Cluster withStruct(int lists) {
    Value value = Value.newBuilder().setStringValue("x").build();
    for (int i = 0; i < lists; i++) {
      value = Value.newBuilder().setListValue(ListValue.newBuilder().addValues(value)).build();
    }
    HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder().setStatPrefix("s");
    http.getRouteConfigBuilder()
        .addVirtualHostsBuilder()
        .setName("v")
        .addDomains("*")
        .getMetadataBuilder()
        .putFilterMetadata("k", Struct.newBuilder().putFields("f", value).build());
    return cluster(1).toBuilder()
        .putTypedExtensionProtocolOptions("x", com.google.protobuf.Any.pack(http.build()))
        .build();
  }

  /** No field of Envoy's wants two entries yet. */
  @Test
  void shouldLookAtAMapWhenMoreThanOneEntryIsWanted() throws DescriptorValidationException {
    // Given
    PlainField one = mapOf(1);
    PlainField two = mapOf(2);

    // Then
    assertThat(items(one).has(0)).isFalse();
    assertThat(items(one).has(2)).isTrue();
    assertThat(items(two).has(2)).as("a key may stand there twice").isFalse();
  }

  private static PlainField.Items items(PlainField field) {
    return Objects.requireNonNull(field.items());
  }

  /** A map from texts to texts with at least so many entries. */
  private static PlainField mapOf(int fewest) throws DescriptorValidationException {
    Validate.FieldRules.Builder rules = Validate.FieldRules.newBuilder();
    rules.getMapBuilder().setMinPairs(fewest);
    DescriptorProto.Builder message = DescriptorProto.newBuilder().setName("M");
    message
        .addFieldBuilder()
        .setName("m")
        .setNumber(1)
        .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED)
        .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
        .setTypeName(".M.MEntry")
        .setOptions(FieldOptions.newBuilder().setExtension(Validate.rules, rules.build()));
    DescriptorProto.Builder entry = message.addNestedTypeBuilder().setName("MEntry");
    entry.getOptionsBuilder().setMapEntry(true);
    entry.addField(text("key", 1)).addField(text("value", 2));
    FileDescriptor file =
        FileDescriptor.buildFrom(
            FileDescriptorProto.newBuilder()
                .setName("m.proto")
                .setSyntax("proto3")
                .addMessageType(message)
                .build(),
            new FileDescriptor[0]);
    return PlainField.of(
        file.getMessageTypes().getFirst().findFieldByNumber(1),
        0,
        new FieldRule(FieldRule.Status.HONOURED, List.of(), ""));
  }

  private static FieldDescriptorProto text(String name, int number) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
        .setType(FieldDescriptorProto.Type.TYPE_STRING)
        .build();
  }

  private static Cluster cluster(int seed) {
    Cluster.Builder cluster =
        Cluster.newBuilder().setName("c" + seed).setPerConnectionBufferLimitBytes(uint(80));
    cluster.getConnectTimeoutBuilder().setSeconds(1 + seed % 3);
    cluster.getCircuitBreakersBuilder().addThresholdsBuilder().setMaxConnections(uint(seed));
    cluster.putTypedExtensionProtocolOptions(
        "x", com.google.protobuf.Any.pack(Router.getDefaultInstance()));
    var assignment = cluster.getLoadAssignmentBuilder().setClusterName("c" + seed);
    for (int port = 1; port < 4; port++) {
      var endpoint =
          assignment
              .addEndpointsBuilder()
              .addLbEndpointsBuilder()
              .setLoadBalancingWeight(uint(port));
      endpoint
          .getEndpointBuilder()
          .getAddressBuilder()
          .getSocketAddressBuilder()
          .setAddress("127.0.0.1")
          .setPortValue(port);
    }
    return cluster.build();
  }

  private static com.google.protobuf.UInt32Value uint(int value) {
    return com.google.protobuf.UInt32Value.of(value);
  }

  /** Whether it was plain. */
  private static boolean assertSame(Message message, String seed) {
    Said walked = said(message, NEVER_PLAIN);
    boolean plain = SCAN.isPlain(message, 0);
    if (plain) {
      assertThat(walked)
          .as("%s, plain: %s", seed, message)
          .isEqualTo(new Said(List.of(), List.of()));
    }
    assertThat(said(message, SCAN)).as("%s: %s", seed, message).isEqualTo(walked);
    return plain;
  }

  private static Said said(Message message, PlainScan scan) {
    ConfigErrors errors = new ConfigErrors();
    FieldCheck check = new FieldCheck(TABLE, TYPES, errors, new HashSet<>(), scan);
    check.check(message, "m");
    return new Said(errors.list(), check.observed());
  }
}
