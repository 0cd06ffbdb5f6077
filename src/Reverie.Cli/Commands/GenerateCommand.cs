using System.CommandLine;
using System.Diagnostics;
using Reverie.Cli.Chat;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie generate</c>: let a model continue a text.</summary>
internal sealed class GenerateCommand : ReverieCommand
{
    private readonly Terminal _terminal;
    private readonly Argument<string> _model = new("MODEL") { Description = "Name, name@version, folder or .gguf file." };
    private readonly Option<string> _prompt;
    private readonly Option<bool> _greedy, _json;
    private readonly Option<string[]> _stop;
    private readonly SamplingFlags _sampling;
    private readonly ModelFlags _flags;
    private readonly Option<int> _threads;
    private readonly Option<string?> _workspace;

    /// <summary>Creates the command.</summary>
    public GenerateCommand(Terminal terminal) : base("generate",
        "Let a model continue a text, as it stands: without the form of a conversation. The text is printed as it comes.",
        "generate reverie --prompt \"Once upon a time\"", "generate reverie --prompt \"Once upon a time\" --greedy --json", "cat story.txt | reverie generate reverie --prompt -")
    {
        _terminal = terminal;
        Arguments.Add(_model);
        _prompt = Option<string>("--prompt", "The text to continue; - reads it from standard input.", "TEXT");
        _prompt.Required = true;
        _greedy = Option<bool>("--greedy", "Always the likeliest token: the same as --temperature 0.");
        _stop = Option<string[]>("--stop", "End before this text. May be repeated.", "TEXT");
        _sampling = new SamplingFlags(this, new SamplingOptions { Temperature = 0.8f, TopP = 0.95f });
        _flags = new ModelFlags(this);
        _threads = ThreadsOption();
        _workspace = WorkspaceOption();
        _json = JsonOption();
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        bool json = parsed.GetValue(_json);
        string prompt = parsed.GetValue(_prompt)!;
        if (prompt == "-") prompt = _terminal.Input.ReadToEnd().TrimEnd('\r', '\n');
        SamplingOptions sampling = _sampling.Read(parsed) with { Stop = parsed.GetValue(_stop) ?? [] };
        if (parsed.GetValue(_greedy)) sampling = sampling with { Temperature = 0 };
        using var model = ModelInUse.Open(new Workspace(parsed.GetValue(_workspace)), parsed.GetValue(_model), parsed.GetValue(_threads), 1, _flags.Read(parsed));
        int[] tokens = prompt.Length > 0 ? model.Tokenizer.EncodeDocument(prompt) : [model.Tokenizer.TextStart];
        if (tokens.Length >= model.Generator.ContextLength)
            throw new ReverieException($"The prompt has {tokens.Length} tokens and the model's context {model.Generator.ContextLength}. Give it less text.");

        using var interruption = new Interruption(() => { });
        Generation? generation = null;
        TextWriter live = json ? TextWriter.Null : _terminal.Output;
        live.Write(prompt);
        long start = Stopwatch.GetTimestamp();
        foreach (string part in model.Generator.Stream(new GenerationRequest(tokens, sampling) { Cancellation = interruption.Token, OnToken = g => generation = g }))
        {
            live.Write(Visible(part));
            live.Flush();
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        live.WriteLine();
        int count = generation?.Tokens.Length ?? 0;
        if (json)
        {
            JsonResult.Write(_terminal.Output, new
            {
                Model = model.Name,
                Prompt = prompt,
                Text = generation?.Text ?? "",
                StopReason = NameOf(generation?.StopReason),
                PromptTokens = tokens.Length,
                Tokens = count,
                Seconds = Math.Round(seconds, 4),
                TokensPerSecond = Math.Round(count / seconds, 1),
            });
        }

        return generation?.StopReason == StopReason.Cancelled ? ExitCode.Interrupted : ExitCode.Success;
    }

    /// <summary>Without control characters, with which a text could steer the terminal.</summary>
    private static string Visible(string text) => text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))
        ? new string([.. text.Where(c => !char.IsControl(c) || c is '\n' or '\t')])
        : text;

    private static string NameOf(StopReason? reason) => reason switch
    {
        StopReason.EndOfText => "end_of_text",
        StopReason.StopToken => "stop_token",
        StopReason.StopString => "stop_string",
        StopReason.MaxTokens => "max_tokens",
        StopReason.ContextFull => "context_full",
        StopReason.Complete => "complete",
        _ => "cancelled",
    };
}
