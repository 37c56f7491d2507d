//===- StepLowering.cpp - entry functions as LLVM functions ----------------===//
#include "codegen/StepLowering.h"
#include "abi.h"
#include "codegen/Kernels.h"
#include "codegen/SpecBuilder.h"
#include "kernel/Loops.h"
#include "kernel/Views.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace nncc::codegen {

namespace {

using kernel::BufferAttr;
using kernel::FusedOp;
using kernel::Over;
using kernel::Space;
using kernel::StageOp;

// A stage's marker and what it runs; those that are joined to the one before are done by its tasks.
struct Phase {
  StageOp stage;
  SmallVector<FusedOp> kernels;
};

// halide_buffer_t and halide_dimension_t of HalideRuntime.h on a 64-bit machine, which the
// generated code fills itself; this room sees no Halide header.
namespace halide {
constexpr int64_t kHost = 16, kType = 32, kDimensions = 36, kDim = 40, kSize = 56;
constexpr int64_t kMin = 0, kExtent = 4, kStride = 8, kDimensionSize = 16;

// halide_type_t as one little-endian word: code, bits, lanes = 1.
int32_t typeWord(schedule::ElementType type) {
  int code = type == schedule::ElementType::U8 ? 1
             : type == schedule::ElementType::F32 || type == schedule::ElementType::F64 ? 2
                                                                                        : 0;
  return code | int32_t(schedule::sizeInBytes(type) * 8) << 8 | 1 << 16;
}
} // namespace halide

// Elements of a stage over elements are cut in whole blocks of this many, so that every
// task but the last starts aligned.
constexpr int64_t kElementBlock = 64;

// Does the kernel take the flag that is 0 in the first slice of a task?
bool hasFlag(FusedOp kernel) {
  return llvm::is_contained(kernel.getAccumulates(), true) ||
         (kernel.getKeptScratch() && llvm::is_contained(*kernel.getKeptScratch(), true));
}

class StageLowering {
public:
  StageLowering(OpBuilder &builder, nn::ProgramOp program, func::FuncOp entry,
                const Layout &layout, const KernelNumbers *profiled, MutableArrayRef<Phase> phases)
      : builder(builder), loc(phases[0].stage.getLoc()), program(program), entry(entry), layout(layout),
        profiled(profiled), phases(phases), stage(phases[0].stage), kernels(phases[0].kernels), i32(builder.getI32Type()), i64(builder.getI64Type()),
        pointer(LLVM::LLVMPointerType::get(builder.getContext())) {}

  // The stage's task.
  void emit(StringRef name) {
    emitTask(name, [&](LLVM::LLVMFuncOp function) {
      switch (stage.getOver()) {
      case Over::Nothing: return emitOnce(function);
      case Over::Samples: return emitSamples(function);
      case Over::Elements: return emitElements(function);
      }
    });
  }

  // The kernels that are prepared before it, each a task.
  SmallVector<FusedOp> preparedKernels() {
    SmallVector<FusedOp> list;
    for (Phase &phase : phases) llvm::copy_if(phase.kernels, std::back_inserter(list), kernel::isPrepared);
    return list;
  }

  void emitPreparation(StringRef name) {
    emitTask(name, [&](LLVM::LLVMFuncOp function) {
      emitChoice(function, llvm::map_to_vector(preparedKernels(), [](FusedOp kernel) {
                   return SmallVector<FusedOp>{kernel};
                 }));
    });
  }

private:
  void emitTask(StringRef name, llvm::function_ref<void(LLVM::LLVMFuncOp)> emitBody) {
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()),
                                            {pointer, i32, i32});
    auto function = LLVM::LLVMFuncOp::create(builder, loc, name, type, LLVM::Linkage::Internal);
    OpBuilder::InsertionGuard guard(builder);
    Block *block = function.addEntryBlock(builder);
    builder.setInsertionPointToStart(block);
    call = block->getArgument(0);
    task = LLVM::SExtOp::create(builder, loc, i64, block->getArgument(1));
    worker = LLVM::SExtOp::create(builder, loc, i64, block->getArgument(2));
    arena = load(pointer, call, offsetof(NnccCall, arena));
    ends.clear();
    emitBody(function);
    LLVM::ReturnOp::create(builder, loc, ValueRange());
  }

  // One buffer argument of a kernel: its struct on the stack, where slice 0 starts, and how
  // the place moves with the slice.
  struct Buffer {
    Value descriptor, base;
    schedule::TensorType type;
    int64_t sliceBytes = 0;  // bytes from one unit of the sliced dimension to the next, 0: it stays
    bool sliceLocal = false; // holds only the slice, from its start
    bool taskLocal = false;  // holds the samples of the task, from its first
  };

  //===--- small pieces ---===//
  Value constant(int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(value));
  }
  Value constant32(int32_t value) {
    return LLVM::ConstantOp::create(builder, loc, i32, builder.getI32IntegerAttr(value));
  }
  Value offset(Value base, Value bytes) {
    return LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), base, ArrayRef<LLVM::GEPArg>{bytes});
  }
  Value offset(Value base, int64_t bytes) { return bytes ? offset(base, constant(bytes)) : base; }
  Value load(Type type, Value base, int64_t at) {
    return LLVM::LoadOp::create(builder, loc, type, offset(base, at));
  }
  void store(Value value, Value base, int64_t at) {
    LLVM::StoreOp::create(builder, loc, value, offset(base, at));
  }
  Value mul(Value a, Value b) { return LLVM::MulOp::create(builder, loc, a, b); }
  Value add(Value a, Value b) { return LLVM::AddOp::create(builder, loc, a, b); }
  Value sub(Value a, Value b) { return LLVM::SubOp::create(builder, loc, a, b); }
  Value div(Value a, int64_t by) { return LLVM::UDivOp::create(builder, loc, a, constant(by)); }
  Value minimum(Value a, Value b) {
    Value less = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::slt, a, b);
    return LLVM::SelectOp::create(builder, loc, less, a, b);
  }
  Value trunc(Value value) { return LLVM::TruncOp::create(builder, loc, i32, value); }

  //===--- where values live ---===//

  // Number of the argument among those of its role (input or target), in their order.
  int64_t inputIndex(BlockArgument argument) {
    int64_t index = 0;
    for (unsigned i = 0; i < argument.getArgNumber(); ++i) index += isInput(i);
    return index;
  }
  StringRef roleOf(unsigned argument) {
    return entry.getArgAttrOfType<StringAttr>(argument, nn::kRoleAttr).getValue();
  }
  bool isInput(unsigned argument) {
    return roleOf(argument) == nn::role::kInput || roleOf(argument) == nn::role::kTarget;
  }

  Value symbolBase(StringRef symbol) {
    Layout::Place place = layout.of(symbol);
    Value block = load(pointer, call, place.slot ? offsetof(NnccCall, state) : offsetof(NnccCall, parameters));
    return offset(block, place.offset);
  }

  Value workerBase() {
    auto bytes = [&](StringRef name) { return entry->getAttrOfType<IntegerAttr>(name).getInt(); };
    return offset(offset(arena, bytes(kernel::kArenaBytesAttr)),
                  mul(worker, constant(bytes(kernel::kWorkerBytesAttr))));
  }

  Value planned(BufferAttr buffer, Value result) {
    switch (buffer.getSpace()) {
    case Space::Shared:
    case Space::Lanes: return offset(arena, buffer.getOffset());
    case Space::Worker:
    case Space::Task: return offset(workerBase(), buffer.getOffset());
    case Space::Output:
      return load(pointer, load(pointer, call, offsetof(NnccCall, outputs)), buffer.getOffset() * 8);
    case Space::Symbol:
      for (Operation *user : result.getUsers())
        if (auto write = dyn_cast<nn::WriteOp>(user)) return symbolBase(write.getSymbol());
    }
    llvm_unreachable("a written value has its write");
  }

  // The buffer of a value as one of this stage's kernels sees it.
  Buffer bufferOf(Value value, schedule::TensorType type, bool written) {
    Value shown = kernel::viewed(value);
    Buffer buffer;
    buffer.type = std::move(type);
    // A kernel that gives a partial sum writes one lane of its result.
    bool lane = false;
    if (auto argument = dyn_cast<BlockArgument>(shown);
        argument && roleOf(argument.getArgNumber()) == nn::role::kSampleIds) {
      buffer.base = load(pointer, call, offsetof(NnccCall, sample_ids));
    } else if (argument) {
      Value inputs = load(pointer, call, offsetof(NnccCall, inputs));
      buffer.base = load(pointer, inputs, inputIndex(argument) * 8);
    } else if (auto read = shown.getDefiningOp<nn::ReadOp>()) {
      buffer.base = symbolBase(read.getSymbol());
    } else {
      auto result = cast<OpResult>(shown);
      auto producer = cast<FusedOp>(result.getOwner());
      auto place = cast<BufferAttr>((*producer.getBuffers())[result.getResultNumber()]);
      buffer.base = planned(place, shown);
      buffer.sliceLocal = place.getSpace() == Space::Worker;
      buffer.taskLocal = place.getSpace() == Space::Task;
      lane = written && place.getSpace() == Space::Lanes;
      if (lane) {
        int64_t lanes = program.getLanes();
        buffer.base = offset(buffer.base, mul(task, constant(place.getBytes() / lanes)));
        buffer.type.shape.erase(buffer.type.shape.begin());
      }
    }
    if (buffer.type.sliced >= 0) {
      int64_t inner = 1;
      for (size_t dim = buffer.type.sliced + 1; dim < buffer.type.shape.size(); ++dim)
        inner *= buffer.type.shape[dim];
      buffer.sliceBytes = inner * schedule::sizeInBytes(buffer.type.element);
    }
    describe(buffer);
    return buffer;
  }

  Buffer scratchOf(BufferAttr place, Type type, bool sliced) {
    Buffer buffer;
    buffer.type = bufferType(cast<RankedTensorType>(type), sliced);
    buffer.base = offset(place.getSpace() == Space::Shared ? arena : workerBase(), place.getOffset());
    buffer.sliceLocal = true;
    describe(buffer);
    return buffer;
  }

  // The halide_buffer_t, whole; the slice's start and extent follow for each slice.
  void describe(Buffer &buffer) {
    int64_t rank = buffer.type.shape.size();
    auto bytes = LLVM::LLVMArrayType::get(builder.getI8Type(), halide::kSize + rank * halide::kDimensionSize);
    buffer.descriptor = LLVM::AllocaOp::create(builder, loc, pointer, bytes, constant(1), 16);
    Value none = constant(0);
    store(none, buffer.descriptor, 0);                    // device
    store(none, buffer.descriptor, 8);                    // device_interface
    store(buffer.base, buffer.descriptor, halide::kHost);
    store(none, buffer.descriptor, 24);                   // flags
    store(constant32(halide::typeWord(buffer.type.element)), buffer.descriptor, halide::kType);
    store(constant32(rank), buffer.descriptor, halide::kDimensions);
    Value dims = offset(buffer.descriptor, halide::kSize);
    store(dims, buffer.descriptor, halide::kDim);
    store(none, buffer.descriptor, 48);                   // padding
    int64_t stride = 1;
    // Halide counts dimensions from the innermost.
    for (int64_t dim = 0; dim < rank; ++dim) {
      int64_t extent = buffer.type.shape[rank - 1 - dim], at = dim * halide::kDimensionSize;
      store(constant32(0), dims, at + halide::kMin);
      store(constant32(extent), dims, at + halide::kExtent);
      store(constant32(stride), dims, at + halide::kStride);
      store(constant32(0), dims, at + 12);                // flags
      stride *= extent;
    }
  }

  // Where the slice starts, or a part of it, which begins `behind` rows behind.
  Value setSlice(const Buffer &buffer, Value begin, Value count, Value behind = {}) {
    if (buffer.type.sliced < 0) return buffer.base;
    int64_t dim = buffer.type.shape.size() - 1 - buffer.type.sliced;
    store(trunc(count), buffer.descriptor,
          halide::kSize + dim * halide::kDimensionSize + halide::kExtent);
    if (buffer.sliceLocal && !behind) return buffer.base;
    Value at = buffer.sliceLocal ? behind : buffer.taskLocal ? sub(begin, firstRow) : begin;
    Value host = offset(buffer.base, mul(at, constant(buffer.sliceBytes)));
    store(host, buffer.descriptor, halide::kHost);
    return host;
  }

  //===--- kernels ---===//

  // A buffer of a loop over time that shows one step of a sequence, and moves from step to step.
  struct Timed {
    size_t buffer;        // in Call::buffers
    int64_t stepBytes;
    nn::Recurrence::When when;
    std::optional<size_t> edge = {};  // in Call::buffers: what stands where there is no such step
  };

  // The run-time arguments of one kernel; what is null and slices are filled in at its call.
  struct Call {
    FusedOp kernel;
    SmallVector<Value> arguments;
    SmallVector<Buffer, 0> buffers;
    SmallVector<unsigned> positions = {};  // arguments that are the slice's first sample
    std::optional<size_t> flag = {};  // of the arguments the one called `accumulate`
    // Of a loop over time, whose numbers stand from `firstNumber` on.
    std::optional<nn::Recurrence> loop = {};
    SmallVector<Timed> timed = {};
    size_t firstNumber = 0;
    std::optional<size_t> lengths = {};  // in buffers
    Value end = {};  // the steps that some sample of the task has, where it stops there
  };

  bool isPosition(Value value) {
    auto argument = dyn_cast<BlockArgument>(kernel::viewed(value));
    return argument && roleOf(argument.getArgNumber()) == nn::role::kPosition;
  }

  Value scalarOf(Value value) {
    if (auto result = dyn_cast<OpResult>(kernel::viewed(value))) {
      auto place = cast<BufferAttr>((*cast<FusedOp>(result.getOwner()).getBuffers())[result.getResultNumber()]);
      return load(cast<RankedTensorType>(value.getType()).getElementType(), planned(place, result), 0);
    }
    auto argument = cast<BlockArgument>(kernel::viewed(value));
    StringRef role = roleOf(argument.getArgNumber());
    if (role == nn::role::kSamples) return load(i32, call, offsetof(NnccCall, samples));
    if (role == nn::role::kLearningRate)
      return load(builder.getF64Type(), call, offsetof(NnccCall, learning_rate));
    if (role == nn::role::kSeed) return load(i64, call, offsetof(NnccCall, seed));
    if (role == nn::role::kUpdate) return load(i64, call, offsetof(NnccCall, update));
    assert(role == nn::role::kIteration && "a scalar role without a field of NnccCall");
    return load(i64, call, offsetof(NnccCall, iteration));
  }

  Call prepare(FusedOp kernel) {
    Call prepared{kernel, {}, {}};
    if (kernel.getLengths()) prepared.end = ends.lookup(*kernel.getLengths());
    if (Operation *loop = kernel::recurrenceIn(kernel)) {
      addLoopArguments(prepared, loop);
      addScratch(prepared);
      return prepared;
    }
    auto addBuffer = [&](Buffer buffer) {
      prepared.arguments.push_back(buffer.descriptor);
      prepared.buffers.push_back(std::move(buffer));
    };
    for (auto [index, input] : llvm::enumerate(kernel.getInputs()))
      if (isPosition(input)) {
        prepared.positions.push_back(prepared.arguments.size());
        prepared.arguments.push_back({});
      } else if (cast<RankedTensorType>(input.getType()).getRank() == 0)
        prepared.arguments.push_back(scalarOf(input));
      else
        addBuffer(bufferOf(input, inputType(kernel, index, stage.getOver()), /*written=*/false));
    addFlag(prepared);
    for (auto [index, result] : llvm::enumerate(kernel.getResults()))
      addBuffer(bufferOf(result, resultType(kernel, index, stage.getOver()), /*written=*/true));
    addScratch(prepared);
    return prepared;
  }

  void addFlag(Call &prepared) {
    if (!hasFlag(prepared.kernel)) return;
    prepared.flag = prepared.arguments.size();
    prepared.arguments.push_back({});
  }

  void addScratch(Call &prepared) {
    FusedOp kernel = prepared.kernel;
    auto places = kernel.getScratchBuffers();
    if (!places) return;
    for (auto [place, type, sliced] :
         llvm::zip_equal(places->getAsRange<BufferAttr>(), kernel.getScratch()->getAsValueRange<TypeAttr>(),
                         *kernel.getSlicedScratch())) {
      prepared.buffers.push_back(scratchOf(place, type, sliced));
      prepared.arguments.push_back(prepared.buffers.back().descriptor);
    }
  }

  // Emits the calls of a kernel for a slice that starts at `hosts` in the kernel's buffers.
  void emitCall(const Call &prepared, ArrayRef<Value> hosts, Value accumulate, Value begin) {
    Value started = profiled ? counter() : Value();
    SmallVector<Value> arguments = prepared.arguments;
    for (unsigned position : prepared.positions) arguments[position] = trunc(begin);
    if (prepared.loop) {
      emitLoop(prepared, hosts, arguments, accumulate);
    } else {
      if (prepared.flag) arguments[*prepared.flag] = accumulate;
      callKernel(prepared.kernel, arguments);
    }
    if (profiled) addTicks(profiled->lookup(prepared.kernel), sub(counter(), started));
  }

  void callKernel(FusedOp kernel, ArrayRef<Value> arguments) {
    LLVM::CallOp::create(builder, kernel.getLoc(), TypeRange{i32}, *kernel.getSymbol(), arguments);
  }

  //===--- loops over time ---===//

  // `part` of a sequence [N,T,parts*columns] at a step, [N,columns]; step 0 for now.
  Timed addTimed(Call &prepared, Value value, bool written, int64_t columns, int64_t part, nn::Recurrence::When when) {
    Buffer buffer = bufferOf(value, bufferType(value, /*sliced=*/true, stage.getOver()), written);
    ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
    int64_t elementBytes = schedule::sizeInBytes(buffer.type.element);
    buffer.type.shape = {shape[0], columns};
    buffer.base = offset(buffer.base, part * columns * elementBytes);
    describe(buffer);
    store(constant32(shape[1] * shape[2]), buffer.descriptor, halide::kSize + halide::kDimensionSize + halide::kStride);
    prepared.buffers.push_back(std::move(buffer));
    return {prepared.buffers.size() - 1, shape[2] * elementBytes, when};
  }

  void addLoopArguments(Call &prepared, Operation *op) {
    FusedOp kernel = prepared.kernel;
    nn::Recurrence loop = *nn::recurrenceOf(op);
    // The kernel's value for one of the op's: its body holds nothing else.
    auto inputOf = [&](unsigned operand) { return cast<BlockArgument>(op->getOperand(operand)).getArgNumber(); };
    auto resultOf = [&](unsigned result) -> Value {
      auto yielded = op->getBlock()->getTerminator()->getOperands();
      return kernel.getResult(std::distance(yielded.begin(), llvm::find(yielded, op->getResult(result))));
    };
    auto addWhole = [&](unsigned operand) {
      unsigned input = inputOf(operand);
      prepared.buffers.push_back(
          bufferOf(kernel.getInputs()[input], inputType(kernel, input, stage.getOver()), /*written=*/false));
    };
    for (const nn::Recurrence::Read &read : loop.reads) {
      if (read.when == nn::Recurrence::When::Whole) {
        addWhole(read.number);
        prepared.arguments.push_back(prepared.buffers.back().descriptor);
        if (loop.lengths == read.number) prepared.lengths = prepared.buffers.size() - 1;
        continue;
      }
      Value value = read.result ? resultOf(read.number) : kernel.getInputs()[inputOf(read.number)];
      int64_t columns = cast<RankedTensorType>(value.getType()).getDimSize(2);
      Timed timed = addTimed(prepared, value, /*written=*/false, columns, 0, read.when);
      prepared.arguments.push_back(prepared.buffers.back().descriptor);
      if (read.edge >= 0) {
        addWhole(read.edge);
        timed.edge = prepared.buffers.size() - 1;
      }
      prepared.timed.push_back(timed);
    }
    prepared.firstNumber = prepared.arguments.size();
    prepared.arguments.append(loop.numbers(), Value());
    addFlag(prepared);
    for (Value result : kernel.getResults()) {
      int64_t parts = cast<RankedTensorType>(result.getType()).getDimSize(2) / loop.units;
      for (int64_t part = 0; part < parts; ++part) {
        prepared.timed.push_back(
            addTimed(prepared, result, /*written=*/true, loop.units, part, nn::Recurrence::When::Step));
        prepared.arguments.push_back(prepared.buffers.back().descriptor);
      }
    }
    prepared.loop = std::move(loop);
  }

  Value select(Value condition, Value a, Value b) {
    return LLVM::SelectOp::create(builder, loc, condition, a, b);
  }
  Value isEqual(Value a, int64_t b) {
    return LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, a, constant(b));
  }

  Value largest(const Buffer &row, Value host) {
    return largest(host, LLVM::SExtOp::create(builder, loc, i64, load(i32, row.descriptor, halide::kSize + halide::kExtent)));
  }

  // The largest of `count` numbers i32, at least 0.
  Value largest(Value host, Value count) {
    Region &region = *builder.getInsertionBlock()->getParent();
    Block *entry = builder.getInsertionBlock();
    Block *test = builder.createBlock(&region, region.end(), {i64, i32}, {loc, loc});
    Block *body = builder.createBlock(&region, region.end());
    Block *done = builder.createBlock(&region, region.end());
    builder.setInsertionPointToEnd(entry);
    LLVM::BrOp::create(builder, loc, ValueRange{constant(0), constant32(0)}, test);
    builder.setInsertionPointToStart(test);
    Value index = test->getArgument(0), most = test->getArgument(1);
    Value more = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::slt, index, count);
    LLVM::CondBrOp::create(builder, loc, more, body, ValueRange{}, done, ValueRange{});
    builder.setInsertionPointToStart(body);
    Value number = LLVM::LoadOp::create(builder, loc, i32, offset(host, mul(index, constant(4))));
    Value larger = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::sgt, number, most);
    LLVM::BrOp::create(builder, loc, ValueRange{add(index, constant(1)), select(larger, number, most)}, test);
    builder.setInsertionPointToStart(done);
    return most;
  }

  // The steps to do of a loop. One that runs backwards begins a step early: the state it starts with is read as
  // the one behind the longest sample's last step.
  Value stepsOf(const Call &prepared) {
    const nn::Recurrence &loop = *prepared.loop;
    if (!prepared.end) return constant(loop.steps);
    bool isGradient = !isa<nn::LstmOp, nn::GruOp, nn::SimpleRnnOp>(kernel::recurrenceIn(prepared.kernel));
    if (!loop.backwards || isGradient) return prepared.end;
    return minimum(add(prepared.end, constant(1)), constant(loop.steps));
  }

  // for (count = 0; count < steps; ++count) kernel(step), step being count or, backwards, what is left.
  void emitLoop(const Call &prepared, ArrayRef<Value> hosts, SmallVector<Value> &arguments, Value accumulate) {
    using When = nn::Recurrence::When;
    const nn::Recurrence &loop = *prepared.loop;
    Region &region = *builder.getInsertionBlock()->getParent();
    Value longest = prepared.lengths ? largest(prepared.buffers[*prepared.lengths], hosts[*prepared.lengths]) : Value();
    Value steps = stepsOf(prepared);
    Block *entry = builder.getInsertionBlock();
    Block *body = builder.createBlock(&region, region.end(), {i64}, {loc});
    Block *done = builder.createBlock(&region, region.end());
    builder.setInsertionPointToEnd(entry);
    LLVM::BrOp::create(builder, loc, ValueRange{constant(0)}, body);
    builder.setInsertionPointToStart(body);
    Value count = body->getArgument(0), one = constant(1);
    Value step = loop.backwards ? sub(sub(steps, one), count) : count;
    Value before = loop.backwards ? add(step, one) : sub(step, one);
    Value behind = loop.backwards ? sub(step, one) : add(step, one);
    Value isFirst = isEqual(count, 0), isLast = isEqual(step, loop.backwards ? 0 : loop.steps - 1);
    bool firstHasEdge = false, lastHasEdge = false;
    for (const Timed &timed : prepared.timed) {
      Value descriptor = prepared.buffers[timed.buffer].descriptor, at = step, atEdge;
      // Where nothing stands before or behind, the kernel uses nothing of what it reads there.
      if (timed.when == When::Previous) at = select(atEdge = isFirst, step, before);
      if (timed.when == When::Next) at = select(atEdge = isLast, step, behind);
      Value host = offset(hosts[timed.buffer], mul(at, constant(timed.stepBytes)));
      if (timed.edge) {
        (timed.when == When::Previous ? firstHasEdge : lastHasEdge) = true;
        host = select(atEdge, hosts[*timed.edge], host);
        const Buffer &edge = prepared.buffers[*timed.edge];
        const Buffer &own = prepared.buffers[timed.buffer];
        int64_t elementBytes = schedule::sizeInBytes(edge.type.element);
        store(select(atEdge, constant32(edge.sliceBytes / elementBytes), constant32(own.sliceBytes / elementBytes)),
              descriptor, halide::kSize + halide::kDimensionSize + halide::kStride);
      }
      store(host, descriptor, halide::kHost);
    }
    auto number = [&](Value condition, bool hasEdge) -> Value {
      return hasEdge ? constant32(0) : Value(LLVM::ZExtOp::create(builder, loc, i32, condition));
    };
    size_t next = prepared.firstNumber;
    arguments[next++] = number(isFirst, firstHasEdge);
    if (loop.last) arguments[next++] = number(isLast, lastHasEdge);
    if (loop.lengths) {
      arguments[next++] = trunc(step);
      arguments[next++] = longest;
    }
    // What is kept is made in the first step of the first slice.
    if (prepared.flag) arguments[*prepared.flag] = select(isFirst, accumulate, constant32(1));
    callKernel(prepared.kernel, arguments);
    Value following = add(count, one);
    Value more = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::slt, following, steps);
    LLVM::CondBrOp::create(builder, loc, more, body, ValueRange{following}, done, ValueRange{});
    builder.setInsertionPointToStart(done);
  }

  Value counter() {
    return LLVM::CallIntrinsicOp::create(builder, loc, i64, builder.getStringAttr("llvm.readcyclecounter"),
                                         ValueRange())
        .getResult(0);
  }

  void addTicks(int64_t kernel, Value ticks) {
    int64_t row = llvm::alignTo(profiled->size(), NNCC_TICKS_ALIGNMENT) * sizeof(uint64_t);
    Value sum = offset(offset(load(pointer, call, offsetof(NnccCall, ticks)), mul(worker, constant(row))),
                       kernel * sizeof(uint64_t));
    store(add(load(i64, sum, 0), ticks), sum, 0);
  }

  //===--- the three ways to cut ---===//

  void emitOnce(LLVM::LLVMFuncOp function) { emitChoice(function, kernel::chainsOf(kernels)); }

  // Task i runs the i-th chain, without samples.
  void emitChoice(LLVM::LLVMFuncOp function, ArrayRef<SmallVector<FusedOp>> chains) {
    Block *exit = builder.createBlock(&function.getBody(), function.getBody().end());
    Block *test = &function.getBody().front();
    for (auto [index, chain] : llvm::enumerate(chains)) {
      Block *body = builder.createBlock(exit), *next = builder.createBlock(exit);
      builder.setInsertionPointToEnd(test);
      Value mine = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, task, constant(index));
      LLVM::CondBrOp::create(builder, loc, mine, body, ValueRange{}, next, ValueRange{});
      builder.setInsertionPointToEnd(body);
      for (FusedOp kernel : chain) {
        Call prepared = prepare(kernel);
        bool empty = stage.getOver() == Over::Samples;
        SmallVector<Value> hosts;
        firstRow = constant(0);
        for (const Buffer &buffer : prepared.buffers)
          hosts.push_back(empty ? setSlice(buffer, constant(0), constant(0)) : buffer.base);
        emitCall(prepared, hosts, constant32(0), constant(0));
      }
      LLVM::BrOp::create(builder, loc, ValueRange{}, exit);
      test = next;
    }
    builder.setInsertionPointToEnd(test);
    LLVM::BrOp::create(builder, loc, ValueRange{}, exit);
    builder.setInsertionPointToStart(exit);
  }

  // Lane `task` takes samples [n*task/lanes, n*(task+1)/lanes) in slices, once for each phase.
  void emitSamples(LLVM::LLVMFuncOp function) {
    Value samples = LLVM::SExtOp::create(builder, loc, i64, load(i32, call, offsetof(NnccCall, samples)));
    int64_t lanes = stage.getTasks();
    firstSample = div(mul(samples, task), lanes);
    Value end = div(mul(samples, add(task, constant(1))), lanes);
    findEnds(end);
    for (Phase &phase : phases) emitSlices(function, phase, end);
  }

  // By argument that tells lengths: how many steps the longest sample of the task has; at least 1.
  void findEnds(Value end) {
    for (Phase &phase : phases)
      for (FusedOp kernel : phase.kernels) {
        if (!kernel.getLengths() || ends.contains(*kernel.getLengths())) continue;
        BlockArgument argument = entry.getArgument(*kernel.getLengths());
        Value lengths = load(pointer, load(pointer, call, offsetof(NnccCall, inputs)), inputIndex(argument) * 8);
        Value longest = largest(offset(lengths, mul(firstSample, constant(sizeof(int32_t)))), sub(end, firstSample));
        Value steps = LLVM::SExtOp::create(builder, loc, i64, longest);
        ends[*kernel.getLengths()] = select(isEqual(steps, 0), constant(1), steps);
      }
  }

  void emitSlices(LLVM::LLVMFuncOp function, Phase &phase, Value end) {
    std::vector<Call> calls = prepareAll(phase.kernels);
    emitWalk(function, firstSample, end, phase.stage.getSlice(), constant32(0),
             [&](Value begin, Value count, Value accumulate) {
      for (const Call &prepared : calls) {
        // Of samples, in rows of dimension 0.
        int64_t rows = kernel::rowsPerSample(prepared.kernel, program.getBatch());
        firstRow = mul(firstSample, constant(rows));
        Value flag = kernel::isPrepared(prepared.kernel) ? constant32(1) : accumulate;
        if (prepared.end && !prepared.loop) emitStopping(function, prepared, rows, begin, count, flag);
        else emitSlice(prepared, mul(begin, constant(rows)), mul(count, constant(rows)), flag, begin);
      }
    });
  }

  // The slice sample by sample, of each the steps that count; an empty one once, with nothing.
  void emitStopping(LLVM::LLVMFuncOp function, const Call &prepared, int64_t rows, Value begin, Value count,
                    Value accumulate) {
    emitWalk(function, begin, add(begin, count), 1, accumulate, [&](Value sample, Value one, Value flag) {
      Value behind = mul(sub(sample, begin), constant(rows)), steps = mul(one, prepared.end);
      SmallVector<Value> hosts;
      for (const Buffer &buffer : prepared.buffers)
        hosts.push_back(setSlice(buffer, mul(sample, constant(rows)), steps, behind));
      emitCall(prepared, hosts, flag, sample);
    });
  }

  std::vector<Call> prepareAll(ArrayRef<FusedOp> kernels) {
    std::vector<Call> calls;
    for (FusedOp kernel : kernels) calls.push_back(prepare(kernel));
    return calls;
  }

  void emitSlice(const Call &prepared, Value from, Value extent, Value accumulate, Value position) {
    SmallVector<Value> hosts;
    for (const Buffer &buffer : prepared.buffers) hosts.push_back(setSlice(buffer, from, extent));
    emitCall(prepared, hosts, accumulate, position);
  }

  // From `first` to `end` in slices, with where a slice begins, how long it is, and a flag: `flag` in the
  // first, then 1.
  // Where there is nothing, it still runs once with an empty slice, which sets sums to zero.
  void emitWalk(LLVM::LLVMFuncOp function, Value first, Value end, int64_t slice, Value flag,
                llvm::function_ref<void(Value, Value, Value)> emitBody) {
    Block *entry = builder.getInsertionBlock();
    Block *body = builder.createBlock(&function.getBody(), function.getBody().end(), {i64, i32}, {loc, loc});
    Block *exit = builder.createBlock(&function.getBody(), function.getBody().end());
    builder.setInsertionPointToEnd(entry);
    LLVM::BrOp::create(builder, loc, ValueRange{first, flag}, body);

    builder.setInsertionPointToStart(body);
    Value begin = body->getArgument(0), accumulate = body->getArgument(1);
    Value count = minimum(constant(slice), sub(end, begin));
    emitBody(begin, count, accumulate);
    Value next = add(begin, count);
    Value more = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::slt, next, end);
    LLVM::CondBrOp::create(builder, loc, more, body, ValueRange{next, constant32(1)}, exit, ValueRange{});
    builder.setInsertionPointToStart(exit);
  }

  void emitElements(LLVM::LLVMFuncOp function) {
    for (ArrayRef<FusedOp> chain : kernel::chainsOf(kernels)) {
      auto rows = llvm::find_if(chain, [](FusedOp kernel) { return kernel::rowsIn(kernel) != nullptr; });
      if (rows == chain.end()) emitElements(chain);
      else emitRows(function, chain, *rows);
    }
  }

  // Each task takes an equal share of the rows that `rows` computes, slice by slice with those that read them.
  void emitRows(LLVM::LLVMFuncOp function, ArrayRef<FusedOp> chain, FusedOp rows) {
    int64_t count = cast<RankedTensorType>(rows.getResult(0).getType()).getDimSize(0), slice = kernel::rowsOfSlice(rows);
    int64_t slices = llvm::divideCeil(count, slice);
    auto boundary = [&](Value index) {
      return minimum(mul(div(mul(index, constant(slices)), stage.getTasks()), constant(slice)), constant(count));
    };
    std::vector<Call> calls = prepareAll(chain);
    firstRow = constant(0);
    emitWalk(function, boundary(task), boundary(add(task, constant(1))), slice, constant32(0),
             [&](Value begin, Value extent, Value accumulate) {
               for (const Call &prepared : calls) {
                 Value unit = constant(kernel::rowsIn(prepared.kernel) ? 1 : elementsOf(prepared.kernel) / count);
                 emitSlice(prepared, mul(begin, unit), mul(extent, unit), accumulate, begin);
               }
             });
  }

  void emitElements(ArrayRef<FusedOp> kernels) {
    Value one = constant(1);
    for (FusedOp kernel : kernels) {
      Call prepared = prepare(kernel);
      Value elements = constant(elementsOf(kernel));
      int64_t blocks = llvm::divideCeil(elementsOf(kernel), kElementBlock);
      auto boundary = [&](Value index) {
        Value block = div(mul(index, constant(blocks)), stage.getTasks());
        return minimum(mul(block, constant(kElementBlock)), elements);
      };
      Value begin = boundary(task), count = sub(boundary(add(task, one)), begin);
      emitSlice(prepared, begin, count, constant32(0), begin);
    }
  }

  int64_t elementsOf(FusedOp kernel) {
    auto type = cast<RankedTensorType>(kernel.getResult(0).getType());
    if (!kernel.getAccumulates()[0]) return type.getNumElements();
    // A sum of elements: of those of any input that is cut.
    for (auto [input, sliced] : llvm::zip_equal(kernel.getInputs(), kernel.getSlicedInputs())) {
      if (!sliced) continue;
      auto producer = kernel::viewed(input).getDefiningOp<FusedOp>();
      bool lanes = producer && producer.getAccumulates()[cast<OpResult>(kernel::viewed(input)).getResultNumber()];
      return cast<RankedTensorType>(input.getType()).getNumElements() / (lanes ? program.getLanes() : 1);
    }
    llvm_unreachable("a sum of elements has an input that is cut");
  }

  OpBuilder &builder;
  Location loc;
  nn::ProgramOp program;
  func::FuncOp entry;
  const Layout &layout;
  const KernelNumbers *profiled;  // null: nothing is timed
  MutableArrayRef<Phase> phases;
  StageOp stage;  // of the first phase, which is the only one but over samples
  ArrayRef<FusedOp> kernels;
  Type i32, i64;
  LLVM::LLVMPointerType pointer;
  Value call, task, worker, arena;
  Value firstRow;     // of the task, in rows of the kernel at hand
  Value firstSample;  // of the task
  llvm::DenseMap<int64_t, Value> ends;  // by argument that tells lengths, of the task
};

// `int symbol(...)`: buffers and scratch as pointers, scalars by value.
void declareKernel(OpBuilder &builder, ModuleOp module, FusedOp kernel) {
  StringRef symbol = *kernel.getSymbol();
  if (module.lookupSymbol(symbol)) return;
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  SmallVector<Type> arguments;
  size_t results = kernel.getNumResults();
  if (Operation *op = kernel::recurrenceIn(kernel)) {
    nn::Recurrence loop = *nn::recurrenceOf(op);
    arguments.append(loop.reads.size(), pointer);
    arguments.append(loop.numbers(), builder.getI32Type());
    results = 0;
    for (Type type : kernel.getResultTypes()) results += cast<RankedTensorType>(type).getDimSize(2) / loop.units;
  } else {
    for (Value input : kernel.getInputs()) {
      auto type = cast<RankedTensorType>(input.getType());
      arguments.push_back(type.getRank() == 0 ? type.getElementType() : Type(pointer));
    }
  }
  if (hasFlag(kernel)) arguments.push_back(builder.getI32Type());
  size_t scratch = kernel.getScratch() ? kernel.getScratch()->size() : 0;
  arguments.append(results + scratch, pointer);
  LLVM::LLVMFuncOp::create(builder, kernel.getLoc(), symbol,
                           LLVM::LLVMFunctionType::get(builder.getI32Type(), arguments));
}

// A function that runs as so many tasks.
struct Tasks {
  std::string function;
  int64_t count;
};

void emitEntry(OpBuilder &builder, func::FuncOp entry, ArrayRef<Tasks> stages) {
  Location loc = entry.getLoc();
  MLIRContext *context = builder.getContext();
  Type i32 = builder.getI32Type(), i64 = builder.getI64Type();
  auto pointer = LLVM::LLVMPointerType::get(context);
  auto none = LLVM::LLVMVoidType::get(context);
  auto function = LLVM::LLVMFuncOp::create(builder, loc, entrySymbol(entry),
                                           LLVM::LLVMFunctionType::get(none, {pointer}));
  OpBuilder::InsertionGuard guard(builder);
  Block *block = function.addEntryBlock(builder);
  builder.setInsertionPointToStart(block);
  Value call = block->getArgument(0);
  auto field = [&](int64_t bytes) -> Value {
    Value at = LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(bytes));
    Value address = LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), call, ArrayRef<LLVM::GEPArg>{at});
    return LLVM::LoadOp::create(builder, loc, pointer, address);
  };
  Value runTasks = field(offsetof(NnccCall, run_tasks)), pool = field(offsetof(NnccCall, pool));
  auto runType = LLVM::LLVMFunctionType::get(none, {pointer, i32, pointer, pointer});
  for (auto [name, count] : stages) {
    Value tasks = LLVM::ConstantOp::create(builder, loc, i32, builder.getI32IntegerAttr(count));
    Value task = LLVM::AddressOfOp::create(builder, loc, pointer, name);
    LLVM::CallOp::create(builder, loc, runType, ValueRange{runTasks, pool, tasks, task, call});
  }
  LLVM::ReturnOp::create(builder, loc, ValueRange());
}

} // namespace

std::string entrySymbol(func::FuncOp entry) { return ("nncc_" + entry.getName()).str(); }

OwningOpRef<ModuleOp> lowerEntries(nn::ProgramOp program, const Layout &layout, bool profile) {
  program->getContext()->loadDialect<LLVM::LLVMDialect>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(program.getLoc());
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  KernelNumbers numbers = numberKernels(program);
  for (auto entry : program.getOps<func::FuncOp>())
    entry.walk([&](FusedOp kernel) { declareKernel(builder, *module, kernel); });
  for (auto entry : program.getOps<func::FuncOp>()) {
    SmallVector<SmallVector<Phase>> stages;
    for (Operation &op : entry.getBody().front())
      if (auto stage = dyn_cast<StageOp>(op)) {
        if (!stage.getJoined()) stages.emplace_back();
        stages.back().push_back({stage, {}});
      } else if (auto kernel = dyn_cast<FusedOp>(op)) {
        stages.back().back().kernels.push_back(kernel);
      }
    SmallVector<Tasks> tasks;
    for (auto [index, phases] : llvm::enumerate(stages)) {
      std::string name = (entrySymbol(entry) + "_stage" + Twine(index)).str();
      StageLowering lowering(builder, program, entry, layout, profile ? &numbers : nullptr, phases);
      if (int64_t prepared = lowering.preparedKernels().size()) {
        tasks.push_back({name + "_prepare", prepared});
        lowering.emitPreparation(tasks.back().function);
      }
      tasks.push_back({name, int64_t(phases[0].stage.getTasks())});
      lowering.emit(name);
    }
    emitEntry(builder, entry, tasks);
  }
  return module;
}

} // namespace nncc::codegen
