package io.handfast.proxy.admin;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.re2j.Pattern;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.handfast.xds.resource.TypeRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code /config_dump}: an {@code envoy.admin.v3.ConfigDump}, or the parts of it that were asked
 * for, as Envoy's administration understands the query. Confined to the administration's loop.
 */
final class ConfigDumpEndpoint {

  private final Supplier<ConfigDump> source;
  private final JsonFormat.Printer printer;
  private final Supplier<JsonFormat.TypeRegistry> known;
  private JsonFormat.@Nullable TypeRegistry types;

  ConfigDumpEndpoint(
      Supplier<ConfigDump> source,
      JsonFormat.Printer printer,
      Supplier<JsonFormat.TypeRegistry> known) {
    this.source = source;
    this.printer = printer;
    this.known = known;
  }

  /** From the first dump on. */
  private JsonFormat.TypeRegistry types() {
    JsonFormat.TypeRegistry made = types;
    if (made == null) {
      made = known.get();
      types = made;
    }
    return made;
  }

  AdminResponse handle(AdminRequest request) throws BadRequestException {
    String regex = request.parameter("name_regex").orElse("");
    Optional<Pattern> names =
        regex.isEmpty() ? Optional.empty() : Optional.of(StatsEndpoints.compile(regex));
    String mask = request.parameter("mask").orElse("");
    String resource = request.parameter("resource").orElse("");
    List<Message> sections = new ArrayList<>();
    for (Any config : source.get().getConfigsList()) {
      if (request.flag("include_eds") || !config.is(EndpointsConfigDump.class)) {
        Message section = unpack(config);
        sections.add(names.isPresent() ? named(names.get(), section) : section);
      }
    }
    if (resource.isEmpty()) {
      return answer(mask.isEmpty() ? sections : masked(mask, sections));
    }
    List<String> known = new ArrayList<>();
    for (Message section : sections) {
      for (FieldDescriptor field : section.getDescriptorForType().getFields()) {
        if (isEntries(field)) {
          known.add(field.getName());
        }
        if (field.getName().equals(resource)) {
          return answer(entries(section, field, mask));
        }
      }
    }
    return AdminResponse.text(
        404,
        resource
            + " not found in config dump (expected: one of "
            + String.join(", ", known)
            + ")\n");
  }

  private AdminResponse answer(List<Message> configs) {
    ConfigDump.Builder dump = ConfigDump.newBuilder();
    configs.forEach(config -> dump.addConfigs(Any.pack(config)));
    return AdminEndpoints.json(printer.usingTypeRegistry(types()), dump);
  }

  private static boolean isEntries(FieldDescriptor field) {
    return field.isRepeated() && field.getJavaType() == JavaType.MESSAGE;
  }

  /** The entries of one repeated field, each as a configuration of its own. */
  private List<Message> entries(Message section, FieldDescriptor field, String mask)
      throws BadRequestException {
    if (!isEntries(field)) {
      throw new BadRequestException(
          field.getName()
              + " is not a repeated field. Use ?mask="
              + field.getName()
              + " to get only this field");
    }
    List<Message> selected = new ArrayList<>();
    for (int i = 0; i < section.getRepeatedFieldCount(field); i++) {
      Message entry = (Message) section.getRepeatedField(field, i);
      selected.add(mask.isEmpty() ? entry : DumpMask.parse(mask).ofEntry(entry, this::unpack));
    }
    return selected;
  }

  /** Of each section that has all fields of the mask only these. */
  private static List<Message> masked(String mask, List<Message> sections)
      throws BadRequestException {
    DumpMask fields = DumpMask.parse(mask);
    List<Message> left = new ArrayList<>();
    sections.forEach(section -> fields.of(section).ifPresent(left::add));
    if (left.isEmpty()) {
      throw new BadRequestException(
          "FieldMask "
              + mask
              + " could not be successfully applied to any configs (expected: fields of one of"
              + " them, such as static_clusters; for a field of each entry ?resource= and ?mask=).");
    }
    return left;
  }

  /** Without the entries whose names do not match; the bootstrap has no name. */
  private Message named(Pattern pattern, Message section) {
    if (section instanceof BootstrapConfigDump) {
      return section;
    }
    Message.Builder kept = section.toBuilder();
    for (FieldDescriptor field : section.getDescriptorForType().getFields()) {
      if (isEntries(field)) {
        kept.clearField(field);
        for (int i = 0; i < section.getRepeatedFieldCount(field); i++) {
          Message entry = (Message) section.getRepeatedField(field, i);
          if (pattern.matcher(nameOf(entry)).matches()) {
            kept.addRepeatedField(field, entry);
          }
        }
      }
    }
    return kept.build();
  }

  /** Its own name, or that of the resource in it. */
  private String nameOf(Message entry) {
    for (String field : List.of("name", "cluster_name")) {
      FieldDescriptor name = entry.getDescriptorForType().findFieldByName(field);
      if (name != null) {
        return (String) entry.getField(name);
      }
    }
    for (Map.Entry<FieldDescriptor, Object> field : entry.getAllFields().entrySet()) {
      if (DumpMask.isAny(field.getKey())) {
        return nameOf(unpack(DumpMask.any(field.getValue())));
      }
    }
    return "";
  }

  /** What is in it; itself if nobody knows its type. */
  private Message unpack(Any any) {
    try {
      if (any.is(BootstrapConfigDump.class)) {
        return any.unpack(BootstrapConfigDump.class);
      }
      @Nullable Descriptor type = types().find(TypeRegistry.nameOf(any.getTypeUrl()));
      return type == null
          ? any
          : DynamicMessage.parseFrom(type, any.getValue(), ExtensionRegistry.getEmptyRegistry());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "a message that was packed here cannot be read: " + e.getMessage(), e);
    }
  }
}
