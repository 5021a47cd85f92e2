// SPDX-License-Identifier: Apache-2.0
//
// The command `loyalty`: reads the command line and hands it to one of the
// commands in command.h.
#include <absl/strings/numbers.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/suggest.h"
#include "command.h"
#include "output.h"
#include "scenario_help.h"

namespace loyalty::command {
namespace {

constexpr char kExitCodes[] =
    "Exit codes: 0 done, 1 the answer is no, 2 asked wrongly, 3 could not "
    "work.\nData goes to standard output, all else to standard error.";

// A command's subcommand in CLI11, and how the process ends once it ran.
class Commands {
 public:
  Commands(CLI::App& app, Exit& exit) : app_(app), exit_(exit) {}

  // `options` must outlive the parsing.
  template <typename Options>
  CLI::App& Add(const std::string& name, const std::string& says,
                const Options& options, Exit (*command)(const Options&)) {
    CLI::App* sub = app_.add_subcommand(name, says);
    sub->callback(
        [&exit = exit_, &options, command] { exit = command(options); });
    return *sub;
  }

  // Commands whose names begin with this one.
  Commands Under(const std::string& name, const std::string& says) {
    CLI::App* sub = app_.add_subcommand(name, says);
    sub->require_subcommand(1);
    return {*sub, exit_};
  }

 private:
  CLI::App& app_;
  Exit& exit_;
};

void AddProgram(CLI::App& sub, std::vector<std::string>& parameters) {
  // One value each: what follows may be an event file.
  sub.add_option("--param", parameters, "name=value, for a named parameter")
      ->allow_extra_args(false);
}

void AddDb(CLI::App& sub, std::string& db) {
  sub.add_option("--db", db, "the SQLite file")->required();
}

void AddAt(CLI::App& sub, std::string& at) {
  sub.add_option("--at", at,
                 "2026-03-01T12:00:00Z, or a day; without, the time of the "
                 "newest event");
}

void AddVoucherKey(CLI::App& sub, std::string& file) {
  sub.add_option("--voucher-key", file,
                 "the file with the key of vouchers, if rewards give any")
      ->envname("LOYALTY_VOUCHER_KEY");
}

void AddJson(CLI::App& sub, bool& json) {
  sub.add_flag("--json", json, "answer in JSON, one object a line");
}

struct AllOptions {
  CheckOptions check;
  RunOptions run;
  TestOptions test;
  AskOptions redeem, capture, void_, cancel, fulfil, transfer, merge, adjust,
      use;
  EraseOptions erase;
  ImportOptions import;
  VouchersOptions vouchers;
  SweepOptions sweep;
  RewardsOptions rewards;
  MemberOptions member;
  StatementOptions statement;
  ExplainOptions explain;
  ExportOptions whole;
  LeaderboardOptions leaderboard;
  BalancesOptions balances;
  BadgesOptions badges;
  QuestsOptions quests;
  NextOptions next;
  CanOptions can;
  MetricsOptions metrics;
  VerifyOptions verify;
  RebuildOptions rebuild;
  SwitchOptions switch_to;
  CatchUpOptions catch_up;
  BacktestOptions backtest;
  BackupOptions backup;
  FeedOptions feed;
  RewardedOptions rewarded;
  SimulateOptions simulate;
  CelOptions cel;
};

void AddCheckAndRun(Commands& commands, AllOptions& all) {
  CLI::App& check = commands.Add(
      "check", "read a program and say everything that is wrong with it",
      all.check, Check);
  check.add_option("PROGRAM", all.check.program, "the program's file")
      ->required();
  AddProgram(check, all.check.parameters);
  AddJson(check, all.check.json);

  CLI::App& run = commands.Add(
      "run", "feed events to a program and say what came of it", all.run, Run);
  run.add_option("--program", all.run.program, "the program's file")
      ->required();
  AddDb(run, all.run.db);
  AddProgram(run, all.run.parameters);
  run.add_option("--batch", all.run.batch, "events a commit")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  run.add_flag("--switch", all.run.switch_program,
               "switch the file to this program first, if it goes on with "
               "another");
  run.add_flag("--sweep", all.run.sweep,
               "sweep at each midnight of the program's time zone that the "
               "events pass, as a host does");
  run.add_flag("--strict", all.run.strict,
               "stop at the first bad line or undeclared attribute");
  AddVoucherKey(run, all.run.voucher_key);
  AddJson(run, all.run.json);
  run.add_option("EVENTS", all.run.events,
                 ".jsonl or .jsonl.gz files, - for standard input")
      ->required();
}

void AddSwitch(Commands& commands, AllOptions& all) {
  CLI::App& to =
      commands.Add("switch", "let a changed program decide from here on",
                   all.switch_to, Switch);
  AddDb(to, all.switch_to.db);
  to.add_option("--program", all.switch_to.program, "the program's file")
      ->required();
  AddProgram(to, all.switch_to.parameters);
  to.add_option("--id", all.switch_to.id, "of the event; one is made");
  AddAt(to, all.switch_to.at);
  to.add_flag("--preview", all.switch_to.preview,
              "only say what it would come to");
  AddVoucherKey(to, all.switch_to.voucher_key);
  AddJson(to, all.switch_to.json);
}

void AddCatchUp(Commands& commands, AllOptions& all) {
  CLI::App& catch_up = commands.Add(
      "catch-up", "apply what is new in the file's program to what came before",
      all.catch_up, CatchUp);
  AddDb(catch_up, all.catch_up.db);
  catch_up.add_option("--rule", all.catch_up.rules,
                      "of the program; any number");
  catch_up.add_option("--badge", all.catch_up.badges, "likewise");
  catch_up.add_option("--metric", all.catch_up.metrics, "likewise");
  catch_up.add_option("--streak", all.catch_up.streaks, "likewise");
  catch_up.add_option("--quest", all.catch_up.quests, "likewise");
  catch_up.add_option("--id", all.catch_up.id,
                      "of the first entry; asked again, it goes on");
  AddAt(catch_up, all.catch_up.at);
  catch_up.add_flag("--preview", all.catch_up.preview,
                    "only say who would gain, and what it costs");
  AddVoucherKey(catch_up, all.catch_up.voucher_key);
  AddJson(catch_up, all.catch_up.json);
}

void AddBacktest(Commands& commands, AllOptions& all) {
  CLI::App& backtest = commands.Add(
      "backtest", "say what another program would have made of these events",
      all.backtest, Backtest);
  backtest.add_option("--program", all.backtest.program, "the new program")
      ->required();
  backtest.add_option("--against", all.backtest.against,
                      "the one that it is compared with");
  AddProgram(backtest, all.backtest.parameters);
  AddJson(backtest, all.backtest.json);
  backtest
      .add_option("EVENTS", all.backtest.events, ".jsonl or .jsonl.gz files")
      ->required();
}

void AddTest(Commands& commands, AllOptions& all) {
  CLI::App& test = commands.Add(
      "test", "play scenarios, and say where a program differs from them",
      all.test, Test);
  test.add_option("FILES", all.test.files,
                  "a program, maybe, in place of those that the scenarios "
                  "name; then scenarios, or folders of them: *.scenario")
      ->required();
  AddProgram(test, all.test.parameters);
  AddJson(test, all.test.json);
  test.footer(kScenarioHelp);
}

// The options that all have who ask something.
void AddAsked(CLI::App& sub, AskOptions& options) {
  AddDb(sub, options.db);
  sub.add_option("--id", options.id,
                 "a new one of its own: the same one is answered as before")
      ->required();
  AddAt(sub, options.at);
  AddVoucherKey(sub, options.voucher_key);
  AddJson(sub, options.json);
}

void AddMember(CLI::App& sub, AskOptions& options) {
  sub.add_option("MEMBER", options.member, "the member")->required();
}

CLI::App& AddAsking(Commands& commands, const std::string& name,
                    const std::string& says, AskOptions& options,
                    Exit (*command)(const AskOptions&)) {
  CLI::App& sub = commands.Add(name, says, options, command);
  AddMember(sub, options);
  AddAsked(sub, options);
  return sub;
}

void AddUnits(CLI::App& sub, std::optional<int64_t>& units) {
  sub.add_option("--units", units, "only so many; without, all of it");
}

void AddRedeeming(Commands& commands, AllOptions& all) {
  CLI::App& redeem =
      AddAsking(commands, "redeem", "exchange a member's units for a reward",
                all.redeem, Redeem);
  redeem.add_option("REWARD", all.redeem.what, "the reward")->required();
  redeem.add_option("--quantity", all.redeem.quantity, "how many of it")
      ->capture_default_str();

  CLI::App& capture =
      AddAsking(commands, "capture", "spend what is held for a reward",
                all.capture, Capture);
  capture.add_option("HOLD", all.capture.what, "the redemption's id")
      ->required();
  AddUnits(capture, all.capture.units);

  CLI::App& void_ = AddAsking(
      commands, "void", "free what is held for a reward", all.void_, Void);
  void_.add_option("HOLD", all.void_.what, "the redemption's id")->required();

  CLI::App& cancel = AddAsking(commands, "cancel", "give a redemption back",
                               all.cancel, Cancel);
  cancel.add_option("REDEMPTION", all.cancel.what, "its id")->required();
  AddUnits(cancel, all.cancel.units);

  CLI::App& fulfil =
      AddAsking(commands, "fulfil", "note that a reward was handed over",
                all.fulfil, Fulfil);
  fulfil.add_option("REDEMPTION", all.fulfil.what, "its id")->required();
  fulfil.add_option("--by", all.fulfil.by, "who did");
}

void AddMoving(Commands& commands, AllOptions& all) {
  CLI::App& transfer =
      AddAsking(commands, "transfer", "send units to another member",
                all.transfer, Transfer);
  transfer.add_option("TO", all.transfer.what, "who receives them")->required();
  transfer.add_option("--currency", all.transfer.currency, "of this currency")
      ->required();
  transfer.add_option("--units", all.transfer.units, "how many")->required();

  CLI::App& merge =
      AddAsking(commands, "merge", "say that a member is another one as well",
                all.merge, Merge);
  merge.add_option("INTO", all.merge.what, "who they are")->required();

  CLI::App& adjust = AddAsking(commands, "adjust", "correct what a member has",
                               all.adjust, Adjust);
  adjust.add_option("--currency", all.adjust.currency, "of this currency")
      ->required();
  adjust
      .add_option("--units", all.adjust.units,
                  "how many more, or, below 0, fewer")
      ->required();
  adjust.add_option("--by", all.adjust.by, "who corrects it")->required();
  adjust.add_option("--reason", all.adjust.reason, "and why")->required();

  CLI::App& erase =
      commands.Add("erase", "forget who a member is; this cannot be undone",
                   all.erase, Erase);
  AddMember(erase, all.erase.ask);
  AddAsked(erase, all.erase.ask);
  erase.add_flag("--yes", all.erase.yes,
                 "it is meant; without it, nothing is done");

  CLI::App& sweep = commands.Add(
      "sweep",
      "post what has expired, end seasons that are over, and give shares of "
      "what many did together",
      all.sweep, Sweep);
  AddDb(sweep, all.sweep.db);
  AddAt(sweep, all.sweep.at);
  AddVoucherKey(sweep, all.sweep.voucher_key);
  AddJson(sweep, all.sweep.json);
}

void AddVouchers(Commands& commands, AllOptions& all) {
  Commands vouchers =
      commands.Under("vouchers", "codes that prove what members have redeemed");
  CLI::App& use =
      vouchers.Add("use", "take a code, once: it is handed over to who has it",
                   all.use, UseVoucher);
  use.add_option("CODE", all.use.what,
                 "the code; - reads it from standard input, which no list of "
                 "processes shows")
      ->required();
  use.add_option("--by", all.use.by, "who takes it: a till, a partner")
      ->required();
  use.add_option("--channel", all.use.channel, "where it came from");
  AddAsked(use, all.use);

  CLI::App& import =
      vouchers.Add("import", "put codes that others made into a reward's pool",
                   all.import, ImportVouchers);
  import.add_option("REWARD", all.import.reward, "the reward")->required();
  import
      .add_option("CODES", all.import.codes,
                  "a file, one code a line; - for standard input")
      ->required();
  AddDb(import, all.import.db);
  import
      .add_option("--id", all.import.id,
                  "a new one of its own: the same file under the same one adds "
                  "nothing")
      ->required();
  AddAt(import, all.import.at);
  AddVoucherKey(import, all.import.voucher_key);
  AddJson(import, all.import.json);

  CLI::App& show = vouchers.Add("show", "a member's vouchers, and their codes",
                                all.vouchers, ShowVouchers);
  show.add_option("MEMBER", all.vouchers.member, "the member")->required();
  AddDb(show, all.vouchers.db);
  AddAt(show, all.vouchers.at);
  AddVoucherKey(show, all.vouchers.voucher_key);
  AddJson(show, all.vouchers.json);
}

void AddMembers(Commands& commands, AllOptions& all) {
  CLI::App& member = commands.Add("member", "what a member has and may do",
                                  all.member, Member);
  member.add_option("ID", all.member.member, "the member")->required();
  AddDb(member, all.member.db);
  AddAt(member, all.member.at);
  AddJson(member, all.member.json);

  CLI::App& statement =
      commands.Add("statement", "every change of a member's balance",
                   all.statement, Statement);
  statement.add_option("ID", all.statement.member, "the member")->required();
  AddDb(statement, all.statement.db);
  statement.add_option("--currency", all.statement.currency,
                       "one currency only");
  statement
      .add_option("--limit", all.statement.limit,
                  "only the newest so many lines")
      ->check(CLI::Range(int64_t{1}, INT64_MAX));
  AddAt(statement, all.statement.at);
  AddJson(statement, all.statement.json);

  CLI::App& rewards =
      commands.Add("rewards", "what points buy, and what is left of it",
                   all.rewards, Rewards);
  AddDb(rewards, all.rewards.db);
  rewards.add_option("--member", all.rewards.member,
                     "for this member: what they can have, and if not, why");
  AddAt(rewards, all.rewards.at);
  AddJson(rewards, all.rewards.json);
}

void AddQueries(Commands& commands, AllOptions& all) {
  CLI::App& explain = commands.Add(
      "explain",
      "why an event did what it did: EVENT; why it gave a member nothing: "
      "EVENT --rule R --member M; or what a balance is made of: --member M "
      "--currency C",
      all.explain, Explain);
  explain.add_option("EVENT", all.explain.event, "the event's id");
  AddDb(explain, all.explain.db);
  explain.add_option("--rule", all.explain.rule, "by this rule");
  explain.add_option("--member", all.explain.member, "of this member");
  explain.add_option("--currency", all.explain.currency, "of this currency");
  AddAt(explain, all.explain.at);
  AddJson(explain, all.explain.json);

  CLI::App& whole =
      commands.Add("export", "everything about a member, as one JSON document",
                   all.whole, Export);
  whole.add_option("ID", all.whole.member, "the member")->required();
  AddDb(whole, all.whole.db);
  AddAt(whole, all.whole.at);
  whole.add_flag("--json", all.whole.json, "JSON is all it speaks");

  CLI::App& leaderboard =
      commands.Add("leaderboard", "the members with most of something",
                   all.leaderboard, Leaderboard);
  AddDb(leaderboard, all.leaderboard.db);
  leaderboard.add_option("BOARD", all.leaderboard.board,
                         "a leaderboard of the program, or a currency; "
                         "without one, which there are");
  leaderboard.add_option("--currency", all.leaderboard.currency,
                         "or of all that was earned of this currency");
  leaderboard.add_option("--ladder", all.leaderboard.ladder,
                         "or along this ladder, with levels");
  leaderboard.add_option("--top", all.leaderboard.top, "how many")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  CLI::Option* const offset =
      leaderboard
          .add_option("--offset", all.leaderboard.offset,
                      "after the first so many")
          ->check(CLI::Range(int64_t{0}, INT64_MAX));
  leaderboard
      .add_option("--around", all.leaderboard.around,
                  "or with this member in their midst")
      ->excludes(offset);
  leaderboard.add_option(
      "--season", all.leaderboard.season,
      "in this one, \"2026-W12\", or \"2026-W12/bronze/1\" for a cohort of a "
      "league; default: that of the newest event");
  leaderboard.add_option("--of", all.leaderboard.of,
                         "of this group, as \"Bern\", if it keeps groups "
                         "apart");
  leaderboard.add_option("--as", all.leaderboard.viewer,
                         "as this member sees it, if it is anonymous; of a "
                         "league, their cohort, and so their group");
  AddJson(leaderboard, all.leaderboard.json);

  CLI::App& badges = commands.Add(
      "badges", "the badges that a member holds, or that every member does",
      all.badges, Badges);
  badges.add_option("MEMBER", all.badges.member, "only this member's");
  AddDb(badges, all.badges.db);
  AddAt(badges, all.badges.at);
  AddJson(badges, all.badges.json);

  CLI::App& quests = commands.Add(
      "quests", "a member's quests and streaks, and how far each is",
      all.quests, Quests);
  quests.add_option("MEMBER", all.quests.member, "whose")->required();
  AddDb(quests, all.quests.db);
  AddAt(quests, all.quests.at);
  AddJson(quests, all.quests.json);

  CLI::App& next = commands.Add(
      "next", "what would reach a member's next level, badge or quest soonest",
      all.next, Next);
  next.add_option("MEMBER", all.next.member, "whose")->required();
  next.add_option("--limit", all.next.limit,
                  "so many goals, the nearest first; default: 5")
      ->check(CLI::Range(1, 1000));
  AddDb(next, all.next.db);
  AddAt(next, all.next.at);
  AddJson(next, all.next.json);

  CLI::App& can = commands.Add(
      "can", "whether a member may do something: yes is 0, no is 1", all.can,
      Can);
  can.add_option("MEMBER", all.can.member, "the member")->required();
  can.add_option("PRIVILEGE", all.can.privilege, "what levels let members do")
      ->required();
  AddDb(can, all.can.db);
  AddAt(can, all.can.at);
  AddJson(can, all.can.json);

  CLI::App& balances = commands.Add("balances", "every member's balance",
                                    all.balances, Balances);
  AddDb(balances, all.balances.db);
  balances.add_option("--currency", all.balances.currency, "of this currency")
      ->required();
  AddAt(balances, all.balances.at);
  AddJson(balances, all.balances.json);

  CLI::App& metrics =
      commands.Add("metrics", "what a metric says of every member or object",
                   all.metrics, Metrics);
  AddDb(metrics, all.metrics.db);
  metrics.add_option("--metric", all.metrics.metric, "which one")->required();
  AddAt(metrics, all.metrics.at);
  AddJson(metrics, all.metrics.json);
}

void AddProofs(Commands& commands, AllOptions& all) {
  CLI::App& verify =
      commands.Add("verify", "prove from the journal that every balance holds",
                   all.verify, Verify);
  AddDb(verify, all.verify.db);
  verify
      .add_option("--head", all.verify.head,
                  "SEQ:CHAIN that was printed before: nothing up to there "
                  "may have changed")
      ->check(CLI::Validator(
          [](const std::string& head) {
            return head.empty() ? "it is empty: SEQ:CHAIN is asked for" : "";
          },
          ""));
  AddJson(verify, all.verify.json);

  CLI::App& rebuild =
      commands.Add("rebuild", "make all that follows from the journal anew",
                   all.rebuild, Rebuild);
  AddDb(rebuild, all.rebuild.db);
  AddJson(rebuild, all.rebuild.json);

  CLI::App& backup = commands.Add(
      "backup", "copy a file, also while it is written", all.backup, Backup);
  AddDb(backup, all.backup.db);
  backup.add_option("--to", all.backup.to, "the new file")->required();
  AddJson(backup, all.backup.json);

  CLI::App& feed = commands.Add(
      "feed", "outcomes in commit order, as JSON Lines", all.feed, Feed);
  AddDb(feed, all.feed.db);
  feed.add_option("--after", all.feed.after, "only after this seq")
      ->check(CLI::Range(int64_t{0}, INT64_MAX));
  feed.add_option("--limit", all.feed.limit, "at most so many")
      ->check(CLI::Range(int64_t{1}, INT64_MAX));
  feed.add_flag("--json", all.feed.json, "JSON is all it speaks");

  CLI::App& rewarded =
      commands.Add("rewarded", "how many of the most active a program rewards",
                   all.rewarded, Rewarded);
  AddDb(rewarded, all.rewarded.db);
  AddJson(rewarded, all.rewarded.json);
  rewarded
      .add_option("EVENTS", all.rewarded.events,
                  "the log that the database was fed")
      ->required();

  CLI::App& simulate = commands.Add(
      "simulate-community", "write the event log of a made-up community",
      all.simulate, SimulateCommunity);
  simulate.add_option("--members", all.simulate.members, "how many")
      ->required()
      ->check(CLI::Range(int64_t{1}, int64_t{1000000}));
  simulate.add_option("--days", all.simulate.days, "for how long")
      ->required()
      ->check(CLI::Range(int64_t{1}, int64_t{10000}));
  simulate
      .add_option("--seed", all.simulate.seed,
                  "the same seed makes the same bytes")
      ->required();
  simulate.add_option("--out", all.simulate.out,
                      "a file instead of standard output");
  simulate.add_flag("--json", all.simulate.json, "with --out: answer in JSON");
}

void AddCel(Commands& commands, AllOptions& all) {
  CLI::App& cel = commands.Add(
      "cel", "try an expression, or run conformance tests", all.cel, Cel);
  CLI::Option* const expression =
      cel.add_option("EXPR", all.cel.expression, "the expression");
  cel.add_option("--bindings", all.cel.bindings,
                 "what its names mean, as a JSON object");
  CLI::Option* const conformance =
      cel.add_option("--conformance", all.cel.conformance,
                     "a file of tests, one JSON object a line")
          ->excludes(expression);
  cel.add_option("--profile", all.cel.profile,
                 "only the tests of this profile or extension")
      ->needs(conformance);
  AddJson(cel, all.cel.json);
}

// Whole numbers are decimal, as people write them; by itself the parser takes
// 010 for 8, nothing for an option that was not given, and cuts what is too
// large to the largest.
void ReadNumbersAsWritten(CLI::App& app) {
  const auto read = [](std::string& text) -> std::string {
    int64_t number = 0;
    if (!absl::SimpleAtoi(text, &number)) {
      return "\"" + text + "\" is no whole number of 64 bits";
    }
    text = std::to_string(number);
    return "";
  };
  for (CLI::Option* option : app.get_options([](auto*) { return true; })) {
    const std::string type = option->get_type_name();
    if (type.starts_with("INT") || type.starts_with("UINT")) {
      option->transform(CLI::Validator(read, ""));
    }
  }
  for (CLI::App* sub : app.get_subcommands([](auto*) { return true; })) {
    ReadNumbersAsWritten(*sub);
  }
}

// A word in a command's place that is none, or "".
std::string UnknownCommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return "";
  std::vector<std::string> known;
  for (const CLI::App* sub : app.get_subcommands([](auto*) { return true; })) {
    if (sub->get_name() == argv[1]) return "";
    known.push_back(sub->get_name());
  }
  return "there is no command \"" + Printable(argv[1]) + "\". " +
         base::DidYouMean(argv[1], known) +
         " `loyalty --help` says what each does.";
}

// A word written as an option that the command has not, or "". CLI11 would
// speak of those first that are missing.
std::string UnknownOption(const CLI::App& app, int argc, char** argv) {
  const CLI::App* command = &app;
  for (int i = 1; i < argc && argv[i] != std::string_view("--"); ++i) {
    const std::string word = argv[i];
    for (const CLI::App* sub : command->get_subcommands(
             [&](const CLI::App* sub) { return sub->get_name() == word; })) {
      command = sub;
    }
    const std::string name = word.substr(0, word.find('='));
    if (!word.starts_with("--") || command->get_option_no_throw(name)) continue;
    std::vector<std::string> known;
    for (const auto* option : command->get_options(
             [](const CLI::Option* one) { return !one->get_positional(); })) {
      known.push_back("--" + option->get_single_name());
    }
    return "`" + command->get_name() + "` has no option \"" + Printable(name) +
           "\". " + base::DidYouMean(name, known);
  }
  return "";
}

int Main(int argc, char** argv) {
  CLI::App app("loyalty: an embeddable, auditable rewards engine", "loyalty");
  app.set_version_flag("--version", "loyalty " LOYALTY_VERSION);
  app.require_subcommand(1);
  app.footer(kExitCodes);
  Exit exit = Exit::kDone;
  AllOptions all;
  Commands commands(app, exit);
  AddCheckAndRun(commands, all);
  AddSwitch(commands, all);
  AddCatchUp(commands, all);
  AddBacktest(commands, all);
  AddTest(commands, all);
  AddRedeeming(commands, all);
  AddMoving(commands, all);
  AddVouchers(commands, all);
  AddMembers(commands, all);
  AddQueries(commands, all);
  AddProofs(commands, all);
  AddCel(commands, all);
  ReadNumbersAsWritten(app);

  const std::string unknown = UnknownCommand(app, argc, argv);
  if (!unknown.empty()) {
    Complain(unknown);
    return static_cast<int>(Exit::kUsage);
  }
  if (argc < 2) {
    std::cerr << app.help();
    return static_cast<int>(Exit::kUsage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    // --help and --version.
    app.exit(asked);
    return static_cast<int>(Finished(Exit::kDone));
  } catch (const CLI::ParseError& error) {
    const std::string option = UnknownOption(app, argc, argv);
    Complain(option.empty() ? PrintableLines(error.what()) : option);
    Complain("loyalty --help and loyalty COMMAND --help say more");
    return static_cast<int>(Exit::kUsage);
  }
  return static_cast<int>(exit);
}

}  // namespace
}  // namespace loyalty::command

int main(int argc, char** argv) {
  try {
    return loyalty::command::Main(argc, argv);
  } catch (const std::exception& error) {
    // The library throws nothing; what is left is a lack of memory.
    loyalty::command::Complain(error.what());
    return static_cast<int>(loyalty::command::Exit::kCouldNot);
  }
}
