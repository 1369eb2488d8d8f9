package io.handfast.proxy.crash;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts a call of {@link CrashAgent#reached} at each point. Immutable. */
final class CrashTransformer implements ClassFileTransformer {
  private static final ClassDesc AGENT = ClassDesc.of("io.handfast.proxy.crash.CrashAgent");
  private static final MethodTypeDesc REACHED =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);

  private final List<CrashPoint> points;

  CrashTransformer(List<CrashPoint> points) {
    this.points = List.copyOf(points);
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      @Nullable String name,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain,
      byte[] bytes) {
    byte @Nullable [] changed = null;
    for (CrashPoint point : points) {
      if (name != null && point.type().equals(name.replace('/', '.'))) {
        changed = instrument(changed == null ? bytes : changed, point);
      }
    }
    return changed;
  }

  private static byte[] instrument(byte[] bytes, CrashPoint point) {
    ClassFile classFile = ClassFile.of();
    ClassModel model = classFile.parse(bytes);
    if (model.methods().stream().noneMatch(method -> isMeant(method, point))) {
      // An exception thrown from here would be swallowed by the JVM.
      System.err.println(point + ": no such method");
      Runtime.getRuntime().halt(CrashAgent.NO_SUCH_METHOD);
    }
    return classFile.transformClass(
        model,
        ClassTransform.transformingMethodBodies(method -> isMeant(method, point), at(point)));
  }

  private static boolean isMeant(MethodModel method, CrashPoint point) {
    return method.methodName().equalsString(point.method()) && method.code().isPresent();
  }

  private static CodeTransform at(CrashPoint point) {
    String text = point.toString();
    return point.entry()
        ? new AtEntry(text)
        : (builder, element) -> {
          if (element instanceof ReturnInstruction) {
            callReached(builder, text);
          }
          builder.with(element);
        };
  }

  record AtEntry(String point) implements CodeTransform {
    @Override
    public void atStart(CodeBuilder builder) {
      callReached(builder, point);
    }

    @Override
    public void accept(CodeBuilder builder, CodeElement element) {
      builder.with(element);
    }
  }

  private static void callReached(CodeBuilder builder, String point) {
    builder.loadConstant(point).invokestatic(AGENT, "reached", REACHED);
  }
}
