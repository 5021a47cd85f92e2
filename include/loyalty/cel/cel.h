// SPDX-License-Identifier: Apache-2.0
//
// The Common Expression Language: conditions and formulas over slots that the
// host fills. Start here.
//
//   cel::Environment environment;
//   environment.Declare({.name = "event.words", .type = cel::Type::Int(),
//                        .slot = 0});
//   cel::Compiled compiled = cel::Compile("event.words > 300", environment);
//   if (!compiled.ok()) { ... FormatIssue(compiled.issues[0], source) ... }
//   const cel::Value slots[] = {cel::Value::Int(500)};
//   absl::StatusOr<cel::Value> value = compiled.expression->Evaluate(slots);
//
// The language is that of https://github.com/google/cel-spec without protocol
// buffer messages. What a condition reads is checked when it is compiled;
// nothing is read from clocks, files or the network when it is evaluated, so
// the same slots always give the same value.
#ifndef LOYALTY_CEL_CEL_H_
#define LOYALTY_CEL_CEL_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/cel/issue.h"
#include "loyalty/cel/type.h"
#include "loyalty/cel/value.h"

namespace loyalty::cel {

// The largest slot number: a plan has room for each slot below the ones it
// reads.
inline constexpr uint32_t kMaxSlot = 65'535;

// A name that expressions may read, and the slot where its value will be.
struct Variable {
  std::string name;  // identifiers joined by dots: "event.words", "param.x"
  Type type;
  uint32_t slot = 0;  // index into the span given to Evaluate()

  // The slot may be absent. Reading it then is an evaluation error;
  // has(event.words) asks whether it is there.
  bool optional = false;

  // The value, where it is known when an expression is compiled: it takes the
  // name's place, and the slot is not read.
  std::optional<Value> constant = {};

  // For == and != an absent value differs from every value, itself included,
  // and is no error.
  bool absent_differs = false;
};

// A function of the host. It must give equal results for equal arguments, and
// may be called by several threads at once.
using HostFunction =
    std::function<absl::StatusOr<Value>(std::span<const Value> arguments)>;

// One form of a host's function. A type 'T (Type::Param) in `parameters` binds
// to whatever is given, and `result` may name it.
struct FunctionDeclaration {
  std::string name;              // may be dotted: "loyalty.min"
  std::vector<Type> parameters;  // of a method, the receiver first
  Type result;
  HostFunction function;
  bool is_method = false;  // called as receiver.name(...)
};

// Functions beyond the language, as the Go implementation names them.
enum class Extension : uint8_t {
  // charAt, indexOf, lastIndexOf, substring, lowerAscii, upperAscii, replace,
  // split, join, trim, reverse, format, strings.quote.
  kStrings,
  // math.greatest, least, ceil, floor, round, trunc, sqrt, abs, sign, isNaN,
  // isInf, isFinite, bitAnd, bitOr, bitXor, bitNot, bitShiftLeft and
  // bitShiftRight.
  kMath,
  // base64.encode and base64.decode.
  kEncoders,
  // optional_type(T): optional.of, none, ofNonZeroValue, unwrap; a.?b, a[?b],
  // [?x], {?k: x}; hasValue, value, or, orValue, optMap, optFlatMap, unwrapOpt;
  // first and last of a list.
  kOptionals,
  // Loops over index and item, or key and value: all, exists, existsOne,
  // transformList, transformMap and transformMapEntry.
  kTwoVariables,
};
inline constexpr size_t kExtensionCount = 5;

struct Declarations;  // private

// The names that a source text may use, besides CEL's own.
//
// Cheap to copy; a copy that is declared to parts from the original. Not
// thread-safe while declaring; const calls may run in parallel.
class Environment {
 public:
  Environment();

  // ERRORS: kInvalidArgument  the name is not a dotted identifier, or the slot
  //                           is beyond kMaxSlot.
  //         kAlreadyExists    the name is declared.
  absl::Status Declare(Variable variable);

  // Declares one form of a function. Several forms of one name are told apart
  // by their parameters.
  //
  // ERRORS: kInvalidArgument  the name is not a dotted identifier, the name is
  //                           an operator's or macro's, or a method has no
  //                           receiver.
  //         kAlreadyExists    a form with the same parameters is declared, here
  //                           or by CEL.
  absl::Status DeclareFunction(FunctionDeclaration function);

  void Enable(Extension extension);

  // In the container "a.b", a name x is looked up as a.b.x, a.x and x.
  void SetContainer(std::string container);

  // Null if not declared. The pointer holds until the next declaration.
  const Variable* FindVariable(std::string_view name) const;

  // In the order of their names.
  std::vector<std::string_view> VariableNames() const;

  // Within this room.
  const Declarations& declarations() const { return *declarations_; }
  std::shared_ptr<const Declarations> shared_declarations() const {
    return declarations_;
  }

 private:
  Declarations& Writable();

  std::shared_ptr<Declarations> declarations_;
};

// What the result must be, and what a source text may cost. The defaults are
// meant for texts from people the host does not know.
struct CompileOptions {
  std::optional<Type> result;  // unset: any

  // False: names and operators are resolved when evaluated, and a mistake is
  // an evaluation error of the part that has it. For tools and tests.
  bool check = true;
  // False: no constants are folded, and each evaluation walks over the tree of
  // the expression. It gives the same values, more slowly; for tests.
  bool optimize = true;
  // has, all, exists, exists_one, map, filter; cel.bind(name, value, result).
  bool macros = true;

  // matches(x) takes a constant pattern only, which is compiled once, and
  // refused if its program is larger than `max_pattern_size`.
  bool dynamic_patterns = false;
  int max_pattern_size = 4000;

  size_t max_source_bytes = 8'192;
  size_t max_nodes = 1000;
  int max_depth = 64;      // of parentheses, brackets, calls, !, - and ?:
  int max_loop_depth = 2;  // all, exists, exists_one, map, filter in another
  size_t max_issues = 30;

  // Of one list or map, and of one text, as written.
  size_t max_literal_items = 1000;
  size_t max_literal_bytes = 8'192;

  // One evaluation: about as many parts of the expression evaluated within
  // loops, and values compared; and the largest text and list it may make.
  int64_t max_steps = 1'000'000;
  size_t max_text_bytes = 65'536;
  size_t max_list_items = 10'000;

  // Called with the slot of each variable that is read: gives the number that
  // Evaluate() finds it at. A host that knows which variables are read, and
  // counts them as they come, has frames without gaps. Unset: the slot itself.
  std::function<uint32_t(uint32_t)> slot_number = {};

  // An expression that could take more steps than `max_cost` is refused. How
  // many it could take is reckoned from the largest texts and lists that the
  // host will put into slots. Larger ones are allowed, but then an evaluation
  // may end as one of too many steps.
  int64_t max_cost = INT64_MAX;
  size_t input_text_bytes = 65'536;
  size_t input_list_items = 10'000;
  // Whether what is dyn within a slot's type is a text, number or bool: else
  // nothing is known of its size.
  bool input_dyn_is_scalar = false;
};

struct Code;
struct Plan;  // private

// A slot that has to hold one of `values`, bools, ints or strings, for an
// expression to be true. With any other value there the expression is false,
// whether or not another part of it would fail.
struct Requirement {
  uint32_t slot = 0;
  std::vector<Value> values = {};
  // An absent slot makes it false, too; otherwise it may be an error.
  bool absent_is_false = false;
};

// What an int in a slot has to be at least, or else at most, for an expression
// to be true.
struct Bound {
  uint32_t slot = 0;
  bool at_least = true;
  int64_t value = 0;
};

struct Bounds {
  std::vector<Bound> bounds = {};
  // The expression asks nothing else: if they are met, and nothing fails, it is
  // true.
  bool whole = false;
};

// A compiled expression.
//
// Immutable and cheap to copy; any number of threads may evaluate one at once.
// It owns all it needs: source and environment may go.
class Expression {
 public:
  explicit Expression(std::shared_ptr<const Plan> plan);

  // The value of the expression over `slots`, indexed by Variable::slot; slots
  // past the end are absent. Texts in the result may be borrowed from `slots`.
  //
  // REQUIRES: items of lists and maps are of their declared types. What else is
  //           gives some result or error, and does no other harm.
  // ERRORS: each with "line:column: " before what went wrong;
  //         kNotFound           an absent slot, or a key a map does not hold.
  //         kOutOfRange         a number, time or index out of range.
  //         kInvalidArgument    division by zero, a conversion that does not
  //                             apply, or a value that is not of the slot's
  //                             declared type.
  //         kResourceExhausted  over one of the options' limits.
  //         any code            from a host's function.
  absl::StatusOr<Value> Evaluate(std::span<const Value> slots) const;

  // As Evaluate(), for who asks much: if it returns true, `value` is what
  // Evaluate() gives. False says that this way led nowhere, perhaps to an
  // error: ask Evaluate().
  bool TryEvaluate(std::span<const Value> slots, Value& value) const;

  // As Evaluate(), more slowly, and `steps` becomes how many it took: no more
  // than cost_bound(), but for the part that was one too many. For tools that
  // show what an expression costs, and tests.
  absl::StatusOr<Value> EvaluateCounting(std::span<const Value> slots,
                                         int64_t& steps) const;

  // dyn if it is known only when evaluated.
  const Type& result_type() const;

  // The slots the expression reads or asks after: sorted, each once.
  const std::vector<uint32_t>& slots_used() const;

  // Of these, the optional ones whose absence can make an evaluation fail:
  // read somewhere other than in a tolerant == or !=, and never asked after
  // with has().
  const std::vector<uint32_t>& unguarded_optional_slots() const;

  // From the top-level conjuncts  x == constant,  x in [constants],  x,  !x and
  // || of such on one x. Who keeps many conditions finds by them those that may
  // be true.
  std::vector<Requirement> requirements() const;

  // From the top-level conjuncts that compare an int with a constant, as
  // x >= 5,  7 > x,  x == 3  and  x * 10 >= 45. Who tells somebody how much is
  // missing reads it here.
  Bounds bounds() const;

  // How many steps one evaluation takes at most: as many as it could take over
  // slots of the sizes that the options name, or CompileOptions::max_steps if
  // that is less. It is stopped where it would take more.
  int64_t cost_bound() const;

  std::string_view source() const;

 private:
  std::shared_ptr<const Plan> plan_;
  const Code* code_;  // the plan's, if it has any
};

// An expression, or why there is none.
struct Compiled {
  std::optional<Expression> expression;
  std::vector<Issue> issues;  // by place; empty if and only if ok()

  bool ok() const { return expression.has_value(); }
};

// Compiles `source`. Any bytes will do: what is not CEL, or too large, comes
// back as issues.
//
// THREADS: may run in parallel with the same environment.
Compiled Compile(std::string_view source, const Environment& environment,
                 const CompileOptions& options = {});

}  // namespace loyalty::cel

#endif  // LOYALTY_CEL_CEL_H_
