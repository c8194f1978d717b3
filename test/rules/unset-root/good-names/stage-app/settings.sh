source ./files/names.sh
