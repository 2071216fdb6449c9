#include "measure/process.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>

namespace assay {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::HasSubstr;

LineProcess shell(const std::string& script, const Surroundings& surroundings = {}) {
  return LineProcess::start({"/bin/sh", "-c", script}, surroundings).value();
}

std::string next_line(LineProcess& process) {
  std::string line;
  EXPECT_EQ(process.read_line(line, minutes(1)), LineProcess::Read::kLine);
  return line;
}

TEST(LineProcess, AnswersLinesWithLines) {
  LineProcess process = shell("while read -r word; do echo \"got $word\"; done");
  ASSERT_TRUE(process.send("one\ntwo\n"));
  EXPECT_EQ(next_line(process), "got one");
  EXPECT_EQ(next_line(process), "got two");
}

TEST(LineProcess, GivesALineThatCameInPiecesAsOne) {
  LineProcess process = shell("printf a; sleep 0.05; printf 'b\\nc\\n'");
  EXPECT_EQ(next_line(process), "ab");
  EXPECT_EQ(next_line(process), "c");
}

TEST(LineProcess, SaysThatAProgramCannotBeStarted) {
  const auto process = LineProcess::start({"/nowhere/instrument"}, {});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().code, ExitCode::kInstrument);
  EXPECT_EQ(process.error().message(),
            "/nowhere/instrument: cannot be started: No such file or directory");
}

TEST(LineProcess, SaysHowAProcessEnded) {
  std::string line;
  LineProcess exits = shell("echo last; exit 9");
  EXPECT_EQ(next_line(exits), "last");  // what it said before is not lost
  EXPECT_EQ(exits.read_line(line, minutes(1)), LineProcess::Read::kEnd);
  EXPECT_EQ(exits.end(), "exited with code 9");
  EXPECT_EQ(exits.end(), "not running");
  LineProcess dies = shell("kill -SEGV $$");
  EXPECT_EQ(dies.read_line(line, minutes(1)), LineProcess::Read::kEnd);
  EXPECT_EQ(dies.end(), "killed by signal 11 (Segmentation fault)");
}

TEST(LineProcess, StopsOneThatClosedItsOutputAndStays) {
  std::string line;
  LineProcess process = shell("exec >&-; exec sleep 1000");
  EXPECT_EQ(process.read_line(line, minutes(1)), LineProcess::Read::kEnd);
  EXPECT_EQ(process.end(), "stopped");
}

TEST(LineProcess, WaitsAsLongAsItIsToldForOneThatClosedItsOutput) {
  std::string line;
  LineProcess process = shell("exec >&-; sleep 0.3; exit 9");
  EXPECT_EQ(process.read_line(line, minutes(1)), LineProcess::Read::kEnd);
  EXPECT_EQ(process.end(minutes(1)), "exited with code 9");
}

TEST(LineProcess, SeesTheEndOfItsInput) {
  LineProcess process = shell("while read -r word; do :; done; exit 9");
  process.close_input();
  EXPECT_EQ(process.end(minutes(1)), "exited with code 9");
}

TEST(LineProcess, IsStartedByItsWrapper) {
  LineProcess process =
      LineProcess::start({"b", "c d"}, {.wrapper = {"printf", "%s\\n", "a"}}).value();
  for (const char* word : {"a", "b", "c d"}) EXPECT_EQ(next_line(process), word);
  const auto missing = LineProcess::start({"true"}, {.wrapper = {"/nowhere/wrapper"}});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("/nowhere/wrapper: cannot be started"));
}

TEST(LineProcess, ReportsSilence) {
  std::string line;
  LineProcess process = shell("exec sleep 1000");
  EXPECT_EQ(process.read_line(line, milliseconds(10)), LineProcess::Read::kTimeout);
}

TEST(LineProcess, KnowsThatTheProcessIsGoneWhenItSends) {
  std::signal(SIGPIPE, SIG_IGN);
  std::string line;
  LineProcess process = shell("exit 0");
  EXPECT_EQ(process.read_line(line, minutes(1)), LineProcess::Read::kEnd);
  EXPECT_EQ(process.end(), "exited with code 0");
  EXPECT_FALSE(process.send("anyone?\n"));
}

TEST(LineProcess, IsKilledWithItsOwner) {
  int pid = 0;
  {
    const LineProcess process = shell("exec sleep 1000");
    pid = process.pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);  // killed and reaped
}

TEST(LineProcess, HasAGroupOfItsOwnAndTheSurroundingsAskedFor) {
  const int core = allowed_cores().back();
  LineProcess process = shell(
      "echo ${#ASSAY_PADDING}; cut -d' ' -f5 /proc/$$/stat; grep Cpus_allowed_list "
      "/proc/$$/status; "
      "echo lost >&2",
      {{core}, 100, true});
  EXPECT_EQ(next_line(process), "100");
  EXPECT_EQ(next_line(process), std::to_string(process.pid()));
  EXPECT_THAT(next_line(process), HasSubstr("\t" + std::to_string(core)));
}

TEST(LineProcess, IsCalledAsAskedForAndStartedByItsPath) {
  const auto called = [](const Surroundings& surroundings) {
    LineProcess process = LineProcess::start({"/bin/sh", "-c", "echo $0"}, surroundings).value();
    return next_line(process);
  };
  EXPECT_EQ(called({}), "/bin/sh");
  EXPECT_EQ(called({.called = "short"}), "short");
}

TEST(OutputOf, IsWhatTheCommandSaidIfItSucceeds) {
  EXPECT_EQ(output_of({"printf", "a\nb\n"}).value(), "a\nb\n");
  const auto failed = output_of({"sh", "-c", "echo half; exit 3"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().what, "exited with code 3");
}

TEST(Interruption, EndsWaitingForAnInstrumentButNotForACommandOfTheReport) {
  // In a process of its own, as the flag is never taken back.
  EXPECT_EXIT(
      {
        catch_interrupts();
        std::raise(SIGINT);
        std::string line;
        LineProcess process = shell("exec sleep 1000");
        const bool stops = process.read_line(line, minutes(1)) == LineProcess::Read::kInterrupted;
        const auto output = output_of({"printf", "drawn\n"});
        std::_Exit(stops && output == "drawn\n" ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        catch_interrupts();
        std::raise(SIGINT);
        std::raise(SIGINT);  // whoever asks twice means it
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace assay
