from nolabel_command import main

main()
