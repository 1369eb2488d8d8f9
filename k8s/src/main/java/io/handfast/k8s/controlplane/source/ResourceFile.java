package io.handfast.k8s.controlplane.source;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.Names;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.resource.XdstpName;
import io.handfast.xds.text.JsonReader;
import io.handfast.xds.text.Tree;
import io.handfast.xds.text.TreeMerger;
import io.handfast.xds.text.YamlReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Resources of a file: documents that are a resource each ({@code @type}) or a list of them ({@code
 * resources}, as in a {@code DiscoveryResponse}). Pure functions.
 */
final class ResourceFile {

  private static final String TYPE = "@type";
  private static final String LIST = "resources";
  private static final String RESPONSE = DiscoveryResponse.getDescriptor().getFullName();

  private final String file;
  private final TypeRegistry types;
  private final ConfigErrors errors;
  private final Map<ResourceName, Offered<?>> found = new LinkedHashMap<>();

  private ResourceFile(String file, TypeRegistry types, ConfigErrors errors) {
    this.file = file;
    this.types = types;
    this.errors = errors;
  }

  /** All messages that a file may have, if an {@code Any} of a resource may have these. */
  static TypeRegistry types(TypeRegistry inResources) {
    return inResources
        .with(ResourceType.ALL.stream().map(ResourceType::instance).toList())
        .with(List.of(Resource.getDefaultInstance()));
  }

  /**
   * Reads a file.
   *
   * @param file its name, for people
   * @param types those of {@link #types(TypeRegistry)}
   * @param errors takes everything that is wrong
   * @return its resources, in their order
   */
  static Map<ResourceName, Offered<?>> read(
      String file, ByteString content, TypeRegistry types, ConfigErrors errors) {
    ResourceFile reading = new ResourceFile(file, types, errors);
    try {
      if (content.isValidUtf8()) {
        documents(file, content.toStringUtf8()).forEach(reading::document);
      } else {
        errors.add(file, "not UTF-8 (expected: text in UTF-8)");
      }
    } catch (InvalidConfigException e) {
      e.errors().forEach(error -> errors.add(file, error.problem()));
    }
    return reading.found;
  }

  private static SortedMap<Integer, Tree> documents(String file, String text)
      throws InvalidConfigException {
    if (!file.endsWith(".json")) {
      return YamlReader.readAll(text, Math.max(1, text.length()));
    }
    Optional<Tree> document = JsonReader.read(text, Math.max(1, text.length()));
    return document.isEmpty() ? new TreeMap<>() : new TreeMap<>(Map.of(1, document.get()));
  }

  private void document(int number, Tree document) {
    String path = file + " (document " + number + ")";
    if (!(document instanceof Tree.Mapping mapping)) {
      errors.add(path, document.describe(), "a resource with '@type', or a list 'resources'");
      return;
    }
    String typeUrl = text(mapping, TYPE);
    boolean list = mapping.entries().stream().anyMatch(entry -> entry.name().equals(LIST));
    if (typeUrl.isEmpty() ? list : TypeRegistry.nameOf(typeUrl).equals(RESPONSE)) {
      response(fields(mapping), path);
    } else if (typeUrl.isEmpty()) {
      errors.add(
          path,
          "neither '@type' nor 'resources' (expected: a resource with '@type:"
              + " type.googleapis.com/envoy.config.route.v3.RouteConfiguration' or the like, or a"
              + " list 'resources')");
    } else {
      resource(typeUrl, fields(mapping), path);
    }
  }

  private static String text(Tree.Mapping mapping, String name) {
    return mapping.entries().stream()
        .filter(entry -> entry.name().equals(name))
        .map(entry -> entry.value() instanceof Tree.Scalar scalar ? scalar.text() : "")
        .findFirst()
        .orElse("");
  }

  private static Tree.Mapping fields(Tree.Mapping mapping) {
    return new Tree.Mapping(
        mapping.entries().stream().filter(entry -> !entry.name().equals(TYPE)).toList());
  }

  private void response(Tree.Mapping fields, String path) {
    DiscoveryResponse.Builder response = DiscoveryResponse.newBuilder();
    new TreeMerger(types, errors).merge(fields, response, path);
    for (int i = 0; i < response.getResourcesCount(); i++) {
      unpacked(response.getResources(i), path + "." + LIST + "[" + i + "]");
    }
  }

  private void unpacked(Any any, String path) {
    types
        .unpack(any, path, errors)
        .ifPresent(message -> {
          if (message instanceof Resource wrapper) {
            unpacked(wrapper.getResource(), path + ".resource");
          } else {
            typed(any.getTypeUrl(), path).ifPresent(type -> add(type, message, path));
          }
        });
  }

  private void resource(String typeUrl, Tree.Mapping fields, String path) {
    typed(typeUrl, path)
        .ifPresent(type -> {
          Message.Builder builder = type.instance().newBuilderForType();
          new TreeMerger(types, errors).merge(fields, builder, path);
          add(type, builder.build(), path);
        });
  }

  private Optional<ResourceType<?>> typed(String typeUrl, String path) {
    String name = TypeRegistry.nameOf(typeUrl);
    Optional<ResourceType<?>> type =
        ResourceType.ALL.stream()
            .filter(each -> TypeRegistry.nameOf(each.typeUrl()).equals(name))
            .findFirst();
    if (type.isEmpty()) {
      List<String> names =
          ResourceType.ALL.stream().map(each -> TypeRegistry.nameOf(each.typeUrl())).toList();
      errors.add(
          path + "." + TYPE,
          typeUrl,
          "one of " + String.join(", ", names) + Names.hint(name, names));
    }
    return type;
  }

  private void add(ResourceType<?> type, Message message, String path) {
    String name = XdstpName.normalise(type.nameOf(message));
    String field = path + (type.equals(ResourceType.ENDPOINT) ? ".cluster_name" : ".name");
    String problem = XdstpName.problem(name, type);
    if (name.isEmpty()) {
      errors.add(field, "missing (expected: the name that it is asked for by)");
    } else if (!problem.isEmpty()) {
      errors.add(field, problem);
    } else {
      Offered<?> before =
          found.putIfAbsent(new ResourceName(type, name), new Offered<>(message, path));
      if (before != null) {
        errors.add(field, name, "each name of a type once; " + before.path() + " has it");
      }
    }
  }
}
